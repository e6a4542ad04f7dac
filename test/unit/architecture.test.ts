import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cruise, type ICruiseResult } from 'dependency-cruiser';

/** A layer, and the layers that it may import from besides itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  config: [],
  database: ['config'],
  cache: ['config', 'database'],
  repositories: ['config', 'database', 'cache', 'maintenance'],
  domain: ['config', 'database', 'cache', 'maintenance', 'repositories'],
  maintenance: ['config', 'database'],
  monitoring: ['config', 'database', 'cache'],
  generator: [],
  integrations: ['config', 'database', 'cache', 'repositories'],
  http: ['config', 'database', 'cache', 'repositories', 'maintenance', 'monitoring'],
  cli: [
    'config',
    'database',
    'cache',
    'repositories',
    'domain',
    'maintenance',
    'monitoring',
    'http',
    'generator',
  ],
};

const LAYER = /^src\/([^/]+)\//;

let modules: ICruiseResult['modules'];

beforeAll(async () => {
  const cruised = await cruise(['src', 'scripts', 'test'], {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'generated/prisma/(?!client)' },
    parser: 'swc',
    tsPreCompilationDeps: true,
  });
  if (typeof cruised.output === 'string')
    throw new Error('dependency-cruiser gave a report instead of a result');
  modules = cruised.output.modules;
});

function importsFromSrc(): { from: string; to: string }[] {
  return modules
    .filter((module) => module.source.startsWith('src/'))
    .flatMap((module) => module.dependencies.map(({ resolved }) => ({ from: module.source, to: resolved })));
}

describe('the layers of src', () => {
  test('are all known to this test, and it sees their imports', () => {
    const folders = new Set(
      modules.map((module) => LAYER.exec(module.source)?.[1]).filter((name) => name !== undefined),
    );
    expect([...folders].filter((folder) => !(folder in LAYERS))).toEqual([]);
    expect(importsFromSrc().length).toBeGreaterThan(100);
  });

  test('import downward only', () => {
    const upward = importsFromSrc().filter(({ from, to }) => {
      const [source, target] = [LAYER.exec(from)?.[1], LAYER.exec(to)?.[1]];
      if (source === undefined || target === undefined || source === target) return false;
      return !LAYERS[source]?.includes(target);
    });
    expect(upward).toEqual([]);
  });

  test('never import scripts, tests or the public face', () => {
    const wrong = importsFromSrc().filter(({ to }) => /^(scripts|test)\/|^src\/index\.ts$/.test(to));
    expect(wrong).toEqual([]);
  });

  test('leave the generated Prisma client to the domain', () => {
    const outside = importsFromSrc().filter(
      ({ from, to }) => to.includes('generated/prisma') && !from.startsWith('src/domain/'),
    );
    expect(outside).toEqual([]);
  });

  test('hold no circle of imports', () => {
    const circular = modules
      .filter((module) => module.source.startsWith('src/') && !module.source.includes('generated'))
      .flatMap((module) =>
        module.dependencies
          .filter((dependency) => dependency.circular)
          .map(({ resolved }) => `${module.source} -> ${resolved}`),
      );
    expect(circular).toEqual([]);
  });
});

describe('what opens connections', () => {
  test.each(['extends pg.Pool', 'new HeldPool(', 'new PrismaClient(', 'createClient('])(
    '%s stands in one place only',
    async (call) => {
      const sources = modules
        .map((module) => module.source)
        .filter((path) => /^src\/(?!domain\/generated)/.test(path));
      let count = 0;
      for (const path of sources) {
        const code = (await readFile(path, 'utf8')).replaceAll(/\/\*[\s\S]*?\*\//g, '');
        count += code.split(call).length - 1;
      }
      expect(count).toBe(1);
    },
  );
});
