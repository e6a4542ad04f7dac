import { describe, expect, test } from '@jest/globals';
import { DataModel } from '../../../src/database/data-model.js';
import { WiringError } from '../../../src/errors.js';

const scalar = (name: string, type = 'String') => ({ name, kind: 'scalar', type });
const relation = (name: string, type: string) => ({ name, kind: 'object', type });

const shape = {
  models: {
    User: { fields: [scalar('id'), relation('projects', 'Project')] },
    Project: { fields: [scalar('id'), scalar('name'), relation('owner', 'User'), relation('jobs', 'Job')] },
    Job: { fields: [scalar('id'), relation('project', 'Project')] },
    Alone: { fields: [scalar('id')] },
  },
  enums: {},
};

describe('the data model', () => {
  test('has another fingerprint when a field changes its type', () => {
    const changed = structuredClone(shape);
    changed.models.Project.fields[1] = scalar('name', 'Int');
    expect(new DataModel(changed).fingerprint).not.toBe(new DataModel(shape).fingerprint);
    expect(new DataModel(structuredClone(shape)).fingerprint).toBe(new DataModel(shape).fingerprint);
  });

  test('says that a write of scalars touches no other model', () => {
    expect(new DataModel(shape).modelsTouchedBy('Project', { name: 'x' })).toEqual([]);
    expect(new DataModel(shape).modelsTouchedBy('Project', { name: 'x', jobs: undefined })).toEqual([]);
  });

  test('says that a nested write may touch all that relations lead to, and nothing else', () => {
    const touched = new DataModel(shape).modelsTouchedBy('User', { projects: { create: {} } });
    expect([...touched].sort()).toEqual(['Job', 'Project', 'User']);
  });

  test('names the models there are when one is asked for that is not', () => {
    expect(() => new DataModel(shape).assertModel('Usr')).toThrow(/no model "Usr".*User, Project/);
  });

  test('refuses a client that holds none, instead of caching without a shape', () => {
    expect(() => DataModel.of({})).toThrow(WiringError);
  });
});
