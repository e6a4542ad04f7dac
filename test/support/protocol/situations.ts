import type { KeySpace } from '../../../src/cache/keys.js';
import type { Guard, Scope, Targets } from '../../../src/cache/store/shared-store.js';
import type { Situation } from './world.js';

const model = { table: 'things', schema: null };
const other = { table: 'others', schema: null };
const always = () => true;

function row(
  targetsOf: (parts: { key: string; rows: Guard; absence: Guard }) => Targets,
): Situation['place'] {
  return (keys: KeySpace) => {
    const [rows, absence, key] = [keys.rows(model), keys.absence(model), keys.entity(model, '1')];
    const scope: Scope = { guards: [keys.namespace, rows], absence, shape: 'shape--1', keyed: true };
    return { scope, key, targets: targetsOf({ key, rows, absence }) };
  };
}

/** An entry without fences of its own, which hangs on two tags of which the second changes. */
const listUnderTwoTags: Situation['place'] = (keys) => {
  const scope: Scope = {
    guards: [keys.namespace, keys.lists(model), keys.lists(other)],
    absence: null,
    shape: 'shape--1',
    keyed: false,
  };
  return {
    scope,
    key: keys.query(model, 'findMany', 'hash'),
    targets: { keys: [], guards: [keys.lists(other)] },
  };
};

/** Which row has a unique value: it has no fences of its own, and what may appear is a guard. */
const aliasThatAppears: Situation['place'] = (keys) => {
  const [rows, absence] = [keys.rows(model), keys.absence(model)];
  return {
    scope: { guards: [keys.namespace, rows], absence, shape: 'shape--1', keyed: false },
    key: keys.alias(model, 'email', 'x'),
    targets: { keys: [], guards: [absence] },
  };
};

/** A list within a tag: what changes is known by its tag, or under a rule that knows nothing of that tag. */
function listWithinTag(targetsOf: (keys: KeySpace) => readonly Guard[]): Situation['place'] {
  return (keys) => {
    const scope: Scope = {
      guards: [keys.namespace, keys.lists(model), keys.tag('team:1'), keys.otherRules(model, 'rule---1')],
      absence: null,
      shape: 'shape--1',
      keyed: false,
    };
    return {
      scope,
      key: keys.query(model, 'findMany', 'hash'),
      targets: { keys: [], guards: targetsOf(keys) },
    };
  };
}

const onKey = row(({ key }) => ({ keys: [key], guards: [] }));

/** The kinds of entries and of changes that there are. */
export const SITUATIONS: readonly Situation[] = [
  { name: 'a row whose key is known', place: onKey, exists: always, valuesStayReadable: false },
  {
    name: 'rows that are not known',
    place: row(({ rows }) => ({ keys: [], guards: [rows] })),
    exists: always,
    valuesStayReadable: false,
  },
  {
    name: 'a row and more that are not known',
    place: row(({ key, rows, absence }) => ({ keys: [key], guards: [rows, absence] })),
    exists: always,
    valuesStayReadable: false,
  },
  { name: 'a list under two tags', place: listUnderTwoTags, exists: always, valuesStayReadable: false },
  {
    name: 'a list within a tag that changes',
    place: listWithinTag((keys) => [
      keys.taggedChanges(model),
      keys.tag('team:1'),
      keys.otherRules(model, 'rule---1'),
    ]),
    exists: always,
    valuesStayReadable: false,
  },
  {
    name: 'a list within a tag that another rule does not know',
    place: listWithinTag((keys) => [keys.taggedChanges(model), keys.otherRules(model, 'rule---2')]),
    exists: always,
    valuesStayReadable: false,
  },
  {
    name: 'a row that is deleted',
    place: onKey,
    exists: (version) => version === 0,
    valuesStayReadable: false,
  },
  {
    name: 'a row that is created',
    place: row(({ absence }) => ({ keys: [], guards: [absence] })),
    exists: (version) => version > 0,
    valuesStayReadable: true,
  },
  {
    name: 'a unique value that appears',
    place: aliasThatAppears,
    exists: (version) => version > 0,
    valuesStayReadable: true,
  },
];
