import { describe, expect, test } from '@jest/globals';
import { assignOwners } from '../../../scripts/demo/owners.js';
import { parsePerson } from '../../../scripts/demo/person.js';

const by = (author: unknown, githubOwner: string | null = null) => ({
  person: parsePerson(author),
  githubOwner,
});

describe('the owners of packages', () => {
  test('one person in different spellings owns all of their packages', () => {
    const { users, byPackage } = assignOwners([
      by('Barney'),
      by('Barney Rubble <b@rubble.com> (https://github.com/barney)'),
      by({ name: 'BARNEY RUBBLE', email: 'B@RUBBLE.COM' }),
      by('barney rubble'),
      by('B. Rubble (https://github.com/Barney)'),
    ]);
    expect(users.map((user) => user.name)).toEqual(['Barney', 'Barney Rubble']);
    expect(byPackage.slice(1).every((owner) => owner === users[1])).toBe(true);
  });

  test('two people of one name with different emails stay two', () => {
    expect(assignOwners([by('Sam <a@x.org>'), by('Sam <b@x.org>')]).users).toHaveLength(2);
  });

  test('a package without a person belongs to the organisation of its repository', () => {
    const { users } = assignOwners([by(undefined, 'bedrock')]);
    expect(users[0]).toMatchObject({ username: 'bedrock', avatarUrl: 'https://github.com/bedrock.png?v=0' });
  });

  test('packages of which nothing is known belong to one user named unknown', () => {
    const { users } = assignOwners([by(undefined), by('')]);
    expect(users.map((user) => user.username)).toEqual(['unknown']);
  });

  test('emails and GitHub ids are unique, and every value fits its column', () => {
    const names = ['李雷', '韩梅梅', 'José', 'Jose', 'x'.repeat(255), `${'x'.repeat(254)}y`, '!!!'];
    const { users } = assignOwners(names.map((name) => by(name)));
    expect(users).toHaveLength(names.length);
    for (const column of ['id', 'email', 'githubId'] as const) {
      expect(new Set(users.map((user) => user[column])).size).toBe(users.length);
    }
    expect(users.every((user) => user.githubId.length <= 64 && user.email.length <= 320)).toBe(true);
    expect(users.every((user) => user.username !== '' && user.username.length <= 255)).toBe(true);
  });

  test('a known email is kept, an unknown one is made under a domain that nobody can have', () => {
    const { users } = assignOwners([by('Barney <b@rubble.com>'), by('Wilma')]);
    expect(users[0]?.email).toBe('b@rubble.com');
    expect(users[1]?.email).toMatch(/^wilma-[0-9a-f]{8}@demo\.invalid$/);
  });

  test('the account id in an address of GitHub is kept', () => {
    const { users } = assignOwners([by('Barney <42+barney@users.noreply.github.com>')]);
    expect(users[0]?.githubId).toBe('42');
  });

  test('the same packages give the same owners again', () => {
    const manifests = [by('Barney <b@rubble.com>'), by('Wilma'), by(undefined, 'bedrock')];
    expect(assignOwners(manifests)).toEqual(assignOwners(manifests));
  });
});
