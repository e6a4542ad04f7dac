import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = (name: string): unknown => JSON.parse(readFileSync(`scripts/docs/api/${name}`, 'utf8'));

test('the tools of the API reference are locked in the versions asked for, without the name of a registry', () => {
  const { devDependencies } = read('package.json') as Manifest;
  const { packages } = read('package-lock.json') as {
    readonly packages: Readonly<Record<string, { readonly version?: string; readonly resolved?: string }>>;
  };
  for (const [name, version] of Object.entries(devDependencies)) {
    expect(packages[`node_modules/${name}`]?.version).toBe(version);
  }
  expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});
