import { createClient } from 'redis';
import type { Adapter, AdapterServers, Reads } from './adapter.js';

const TTL_SECONDS = 60;

/** Cache-aside as tutorials have it: get, else load and set; after a write, delete what it may have changed. */
export async function withPlainCache(
  database: Adapter,
  { redisUrl, prefix }: AdapterServers,
): Promise<Adapter> {
  const redis = createClient({ url: redisUrl, disableOfflineQueue: true });
  // Without a listener a lost connection would end the process; what it costs shows in the calls that fail.
  redis.on('error', () => undefined);
  await redis.connect();
  const { reads } = database;
  const key = (kind: string, name: string): string => `${prefix}:${kind}:${name}`;
  let [shared, loads] = [0, 0];
  const cached =
    <T>(kind: string, load: (name: string) => Promise<T>) =>
    async (name: string): Promise<T> => {
      const found = await redis.get(key(kind, name)).catch(() => null);
      if (found !== null) {
        shared += 1;
        return JSON.parse(found) as T;
      }
      loads += 1;
      const loaded = await load(name);
      const text = JSON.stringify(loaded, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      await redis
        .set(key(kind, name), text, { expiration: { type: 'EX', value: TTL_SECONDS } })
        .catch(() => null);
      return loaded;
    };
  const through: Reads = {
    projectById: cached('project', reads.projectById),
    userById: cached('user', reads.userById),
    userByGithubId: cached('githubId', reads.userByGithubId),
    userByEmail: cached('email', reads.userByEmail),
    projectsOfUser: cached('projectsOfUser', reads.projectsOfUser),
    projectsWithOwner: cached('projectsWithOwner', reads.projectsWithOwner),
    projectCount: cached('projectCount', reads.projectCount),
  };
  return {
    ...database,
    reads: through,
    forget: async ({ projects, users, githubIds, emails }) => {
      const names = [
        ...projects.map((id) => key('project', id)),
        ...users.flatMap((id) =>
          ['user', 'projectsOfUser', 'projectsWithOwner', 'projectCount'].map((kind) => key(kind, id)),
        ),
        ...githubIds.map((value) => key('githubId', value)),
        ...emails.map((value) => key('email', value)),
      ];
      if (names.length > 0) await redis.del(names).catch(() => 0);
    },
    answers: () => ({ near: null, shared, loads }),
    close: async () => {
      redis.destroy();
      await database.close();
    },
  };
}
