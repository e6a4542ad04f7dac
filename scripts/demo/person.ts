import { columnText } from './text.js';

/** Someone whom a package.json names. At least one of name and email is known. */
export interface Person {
  readonly name: string | null;
  /** In lower case. */
  readonly email: string | null;
  /** The name of the GitHub account, in lower case. */
  readonly githubLogin: string | null;
}

const maxNameCharacters = 255;
const maxEmailCharacters = 320;

/**
 * The first person in a `author`, `maintainers` or `contributors` field, or null. The field holds a string
 * `Name <email> (url)` with each part optional, an object `{ name, email, url }`, or a list of these:
 * https://docs.npmjs.com/cli/v11/configuring-npm/package-json#people-fields-author-contributors
 */
export function parsePerson(field: unknown): Person | null {
  if (Array.isArray(field)) {
    for (const element of field) {
      const person = Array.isArray(element) ? null : parsePerson(element);
      if (person !== null) {
        return person;
      }
    }
    return null;
  }
  if (typeof field === 'string') {
    return parsePersonText(field);
  }
  if (typeof field === 'object' && field !== null) {
    const { name, email, mail, url, web } = field as Record<string, unknown>;
    // Some objects carry the whole string form in their name.
    const fromName = typeof name === 'string' ? parsePersonText(name) : null;
    return person(
      fromName?.name ?? null,
      parseEmail(email) ?? parseEmail(mail) ?? fromName?.email ?? null,
      githubLoginOf(url) ?? githubLoginOf(web) ?? fromName?.githubLogin ?? null,
    );
  }
  return null;
}

function parsePersonText(text: string): Person | null {
  const url = /\(([^()]*)\)/.exec(text)?.[1];
  const address = /<([^<>]*)>/.exec(text)?.[1];
  const rest = text
    .replace(/\([^()]*\)/g, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const bareEmail = parseEmail(rest);
  const bareLogin = githubLoginOf(rest);
  const name = bareEmail !== null || /^https?:\/\//.test(rest) ? null : columnText(rest, maxNameCharacters);
  return person(
    name,
    parseEmail(address) ?? bareEmail,
    githubLoginOf(url) ?? githubLoginOf(address) ?? bareLogin,
  );
}

function person(name: string | null, email: string | null, urlLogin: string | null): Person | null {
  const githubLogin = urlLogin ?? noReplyAccount(email)?.login ?? null;
  const knownName = name ?? (email === null ? githubLogin : null);
  return knownName === null && email === null ? null : { name: knownName, email, githubLogin };
}

function parseEmail(value: unknown): string | null {
  const text = columnText(value, maxEmailCharacters + 1)?.toLowerCase() ?? '';
  return text.length <= maxEmailCharacters && /^[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+$/.test(text)
    ? text
    : null;
}

/**
 * The GitHub account behind one of GitHub's addresses that hide an email, or null:
 * `ID+login@users.noreply.github.com`, before 2017 without the id.
 */
export function noReplyAccount(email: string | null): { id: string | null; login: string } | null {
  const match = /^(?:(\d+)\+)?([a-z\d-]+)@users\.noreply\.github\.com$/.exec(email ?? '');
  return match?.[2] === undefined ? null : { id: match[1] ?? null, login: match[2] };
}

/** The account or organisation in the address of a GitHub page or repository, in lower case, or null. */
export function githubLoginOf(url: unknown): string | null {
  if (typeof url !== 'string') {
    return null;
  }
  const match = /(?:^|[/@.])github\.com[/:]([a-z\d](?:[a-z\d-]{0,38}))(?:[/?#]|\.git|\s*$)/i.exec(url);
  const login = match?.[1]?.toLowerCase() ?? null;
  return login === 'sponsors' || login === 'orgs' ? null : login;
}
