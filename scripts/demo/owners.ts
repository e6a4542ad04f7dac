import { createHash } from 'node:crypto';
import type { Manifest } from './manifest.js';
import { nameBasedId } from './name-based-id.js';
import { noReplyAccount, type Person } from './person.js';
import { limitedText, slug } from './text.js';

/** A user to be, made from what packages say about a person or an organisation; fits every column of `users`. */
export interface OwnerDraft {
  /** The same for the same identity in every run. */
  readonly id: string;
  readonly githubId: string;
  readonly email: string;
  readonly username: string;
  readonly name: string | null;
  readonly avatarUrl: string;
}

/** The owners of a list of packages, without doubles. */
export interface Owners {
  readonly users: readonly OwnerDraft[];
  /** The owner of each package, in the order of the packages. */
  readonly byPackage: readonly OwnerDraft[];
}

const maxUsernameCharacters = 255;

const nobody: Person = { name: 'unknown', email: null, githubLogin: null };

/**
 * Finds who owns each package: the person it names, else the GitHub organisation of its repository, else a user
 * named "unknown". Packages that spell one person differently share an owner when they agree on the email, or, where
 * one of them gives none, on the GitHub account or the name.
 */
export function assignOwners(manifests: readonly Pick<Manifest, 'person' | 'githubOwner'>[]): Owners {
  const people = manifests.map(({ person, githubOwner }) => person ?? organisation(githubOwner) ?? nobody);
  const directory = new Directory();
  // People with an email first, so that it does not depend on the order of packages whom a bare name joins.
  for (const person of people) {
    if (person.email !== null) {
      directory.findOrAdd(person);
    }
  }
  const byPackage = people.map((person) => directory.findOrAdd(person));
  return { users: [...new Set(byPackage)], byPackage };
}

function organisation(login: string | null): Person | null {
  return login === null ? null : { name: login, email: null, githubLogin: login };
}

class Directory {
  readonly #byEmail = new Map<string, OwnerDraft>();
  readonly #byLogin = new Map<string, OwnerDraft>();
  readonly #byName = new Map<string, OwnerDraft>();

  findOrAdd(person: Person): OwnerDraft {
    const nameKey = person.name?.normalize('NFKC').toLowerCase() ?? '';
    const known =
      person.email === null
        ? (this.#byLogin.get(person.githubLogin ?? '') ?? this.#byName.get(nameKey))
        : this.#byEmail.get(person.email);
    const owner = known ?? draftOwner(person, nameKey);
    addIfAbsent(this.#byEmail, owner.email, owner);
    addIfAbsent(this.#byLogin, person.githubLogin ?? '', owner);
    addIfAbsent(this.#byName, nameKey, owner);
    return owner;
  }
}

function addIfAbsent(index: Map<string, OwnerDraft>, key: string, owner: OwnerDraft): void {
  if (key !== '' && !index.has(key)) {
    index.set(key, owner);
  }
}

function draftOwner(person: Person, nameKey: string): OwnerDraft {
  const { name, email, githubLogin } = person;
  const identity =
    email !== null ? `email:${email}` : githubLogin !== null ? `github:${githubLogin}` : `name:${nameKey}`;
  const digest = createHash('sha256').update(identity).digest('hex');
  const handle = githubLogin ?? (slug(name ?? email?.split('@')[0] ?? '') || `person-${digest.slice(0, 8)}`);
  return {
    id: nameBasedId(`user:${identity}`),
    // A package.json gives no account id, except in GitHub's own addresses.
    githubId: noReplyAccount(email)?.id ?? `demo-${digest.slice(0, 24)}`,
    // The top-level domain "invalid" is reserved (RFC 2606), so no such address is anybody's.
    email: email ?? `${limitedHandle(handle)}-${digest.slice(0, 8)}@demo.invalid`,
    username: limitedText(handle, maxUsernameCharacters),
    name,
    avatarUrl:
      githubLogin === null
        ? `https://www.gravatar.com/avatar/${digest}?v=0`
        : `https://github.com/${githubLogin}.png?v=0`,
  };
}

/** The local part of an email has at most 64 octets (RFC 5321). */
function limitedHandle(handle: string): string {
  return handle.slice(0, 48);
}
