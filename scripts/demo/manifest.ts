import { githubLoginOf, type Person, parsePerson } from './person.js';
import { columnText, storableText } from './text.js';

/** What the demo takes from a package.json, cleaned so that every column of `projects` can hold it. */
export interface Manifest {
  readonly name: string;
  readonly version: string | null;
  readonly description: string | null;
  /** Dependency name to version range. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly keywords: readonly string[];
  /** The author, else the first maintainer, else the first contributor. */
  readonly person: Person | null;
  /** The account or organisation that holds the repository on GitHub, in lower case. */
  readonly githubOwner: string | null;
}

const maxNameCharacters = 255;
const maxVersionCharacters = 255;
const maxDescriptionCharacters = 4000;
const maxKeywordCharacters = 100;
const maxKeywords = 50;

/**
 * Reads the text of a package.json, whatever state it is in: fields that are missing or of the wrong type count as
 * absent. Null when the text is not a JSON object.
 */
export function parseManifest(text: string, folderName: string): Manifest | null {
  const fields = parseJsonObject(text);
  if (fields === null) {
    return null;
  }
  return {
    name:
      columnText(fields['name'], maxNameCharacters) ?? columnText(folderName, maxNameCharacters) ?? 'unnamed',
    version: columnText(fields['version'], maxVersionCharacters),
    description: columnText(fields['description'], maxDescriptionCharacters),
    dependencies: parseDependencies(fields['dependencies']),
    keywords: parseKeywords(fields['keywords']),
    person:
      parsePerson(fields['author']) ??
      parsePerson(fields['maintainers']) ??
      parsePerson(fields['contributors']),
    githubOwner: parseRepositoryOwner(fields['repository']) ?? githubLoginOf(fields['homepage']),
  };
}

function parseJsonObject(text: string): Record<string, unknown> | null {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    if (error instanceof SyntaxError) {
      return null;
    }
    throw error;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function parseDependencies(field: unknown): Record<string, string> {
  if (typeof field !== 'object' || field === null || Array.isArray(field)) {
    return {};
  }
  const entries = Object.entries(field)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    .map(([name, range]) => [storableText(name), storableText(range)] as const);
  return Object.fromEntries(entries);
}

/** Keywords are a list, or in old packages one string with commas or spaces. */
function parseKeywords(field: unknown): string[] {
  const list: unknown[] =
    typeof field === 'string' ? field.split(/[,\s]+/) : Array.isArray(field) ? field : [];
  const keywords = new Set<string>();
  for (const element of list) {
    const keyword = columnText(element, maxKeywordCharacters);
    if (keyword !== null && keywords.size < maxKeywords) {
      keywords.add(keyword.toLowerCase());
    }
  }
  return [...keywords];
}

/** `owner/name`, `github:owner/name`, any address on github.com, or an object with one of these as its url. */
function parseRepositoryOwner(field: unknown): string | null {
  const url = typeof field === 'object' && field !== null && 'url' in field ? field.url : field;
  if (typeof url !== 'string') {
    return null;
  }
  const shorthand = /^(?:github:)?([a-z\d][a-z\d-]{0,38})\/[\w.-]+$/i.exec(url.trim());
  return shorthand?.[1]?.toLowerCase() ?? githubLoginOf(url);
}
