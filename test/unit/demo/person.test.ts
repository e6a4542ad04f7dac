import { describe, expect, test } from '@jest/globals';
import { githubLoginOf, noReplyAccount, parsePerson } from '../../../scripts/demo/person.js';

describe('a person in a package.json', () => {
  test('is read from the full string form', () => {
    expect(parsePerson('Barney Rubble <B@Rubble.com> (https://github.com/Barney)')).toEqual({
      name: 'Barney Rubble',
      email: 'b@rubble.com',
      githubLogin: 'barney',
    });
  });

  test.each([
    ['Barney Rubble', { name: 'Barney Rubble', email: null, githubLogin: null }],
    ['<b@rubble.com>', { name: null, email: 'b@rubble.com', githubLogin: null }],
    ['b@rubble.com', { name: null, email: 'b@rubble.com', githubLogin: null }],
    ['https://github.com/barney', { name: 'barney', email: null, githubLogin: 'barney' }],
    ['Barney (http://example.com)', { name: 'Barney', email: null, githubLogin: null }],
    ['Barney<b@rubble.com>', { name: 'Barney', email: 'b@rubble.com', githubLogin: null }],
    ['Barney <https://github.com/barney>', { name: 'Barney', email: null, githubLogin: 'barney' }],
    ['Barney <b at rubble.com>', { name: 'Barney', email: null, githubLogin: null }],
  ])('is read from the partial string %p', (text, expected) => {
    expect(parsePerson(text)).toEqual(expected);
  });

  test('is read from an object', () => {
    const field = { name: 'Barney', email: ' B@rubble.com ', url: 'https://github.com/barney/' };
    expect(parsePerson(field)).toEqual({ name: 'Barney', email: 'b@rubble.com', githubLogin: 'barney' });
  });

  test('is read from an object whose name holds the whole string form', () => {
    expect(parsePerson({ name: 'Barney <b@rubble.com>' })).toEqual({
      name: 'Barney',
      email: 'b@rubble.com',
      githubLogin: null,
    });
  });

  test('is the first usable element of a list', () => {
    expect(parsePerson([null, '', {}, 42, { name: 'Wilma' }, 'Betty'])?.name).toBe('Wilma');
  });

  test.each([
    [undefined],
    [null],
    [''],
    ['  '],
    [42],
    [true],
    [{}],
    [[]],
    [[['Nested']]],
    [{ name: 7, email: [] }],
  ])('%p is nobody', (field) => {
    expect(parsePerson(field)).toBeNull();
  });

  test('loses NUL bytes, and what does not fit its column is cut', () => {
    const person = parsePerson({ name: `Ba\u0000rney ${'x'.repeat(300)}` });
    expect(person?.name).toMatch(/^Barney x+…$/);
    expect(person?.name).toHaveLength(255);
  });

  test('an email longer than its column is no email', () => {
    expect(parsePerson(`Barney <${'b'.repeat(320)}@rubble.com>`)?.email).toBeNull();
  });

  test('an address of GitHub that hides the email reveals the account', () => {
    expect(parsePerson('Barney <12345+barney@users.noreply.github.com>')?.githubLogin).toBe('barney');
    expect(noReplyAccount('12345+barney@users.noreply.github.com')).toEqual({ id: '12345', login: 'barney' });
    expect(noReplyAccount('barney@users.noreply.github.com')).toEqual({ id: null, login: 'barney' });
    expect(noReplyAccount('b@rubble.com')).toBeNull();
  });
});

describe('the GitHub account in an address', () => {
  test.each([
    ['https://github.com/Barney', 'barney'],
    ['git+https://github.com/barney/rock.git', 'barney'],
    ['git@github.com:barney/rock.git', 'barney'],
    ['git://github.com/barney/rock', 'barney'],
    ['github.com/barney', 'barney'],
    ['https://www.github.com/barney?tab=repositories', 'barney'],
    ['https://github.com/sponsors/barney', null],
    ['https://notgithub.com/barney', null],
    ['https://gitlab.com/barney', null],
    [undefined, null],
  ])('%p gives %p', (url, login) => {
    expect(githubLoginOf(url)).toBe(login);
  });
});
