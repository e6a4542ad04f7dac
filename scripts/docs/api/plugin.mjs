/** The names under which the entry points are imported. */
const MODULES = { index: 'holdfast', domain: 'holdfast/domain', 'integrations/keyv': 'holdfast/keyv' };
/** Interfaces whose functions the reference domain exports one by one. */
const DESTRUCTURED = ['DatabaseFunctions', 'CacheFunctions'];

/** Fits TypeDoc to this library: names, the generated client, and functions that are taken out of an object. */
export function load(app) {
  app.converter.on('resolveBegin', ({ project }) => {
    for (const module of project.children ?? []) module.name = MODULES[module.name] ?? module.name;
    documentDestructured(project);
  });
  // Prisma's generated types are the application's own: named, but neither shown nor linked to.
  app.converter.addUnresolvedSymbolResolver?.(generatedType);
  app.converter.addUnknownSymbolResolver?.(generatedType);
}

function generatedType(_reference, _reflection, _part, symbol) {
  return symbol?.packagePath.includes('/generated/') ? '#' : undefined;
}

/** `export const { connectDatabase } = databaseFunctions(...)` is documented where `DatabaseFunctions` says what it is. */
function documentDestructured(project) {
  const [library, domain] = ['holdfast', 'holdfast/domain'].map((name) => project.getChildByName([name]));
  const members = DESTRUCTURED.flatMap((name) => library?.getChildByName([name])?.children ?? []);
  for (const member of members) {
    const variable = domain?.getChildByName([member.name]);
    const comment = member.comment ?? member.signatures?.[0]?.comment;
    if (variable !== undefined && !variable.hasComment()) variable.comment = comment?.clone();
  }
}
