import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { SharedServer } from './shared-servers.js';

/** Starts PostgreSQL 16 in a container that goes with the test run. */
export async function startPostgresContainer(): Promise<SharedServer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const settings = ['fsync=off', 'full_page_writes=off', 'max_connections=200'];
  const container = await new GenericContainer('postgres:16-alpine')
    .withEnvironment({ POSTGRES_USER: 'holdfast', POSTGRES_HOST_AUTH_METHOD: 'trust' })
    .withCommand(['postgres', ...settings.flatMap((setting) => ['-c', setting])])
    .withExposedPorts(5432)
    // The image starts the server twice: once to initialise it, once to stay.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  return {
    url: `postgresql://holdfast@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    stop: async () => {
      await container.stop();
    },
  };
}

/** Starts Redis 7 in a container that goes with the test run. */
export async function startRedisContainer(): Promise<SharedServer> {
  const { GenericContainer } = await import('testcontainers');
  const container = await new GenericContainer('redis:7-alpine')
    .withCommand(['redis-server', '--save', '', '--databases', '64'])
    .withExposedPorts(6379)
    .start();
  return {
    url: `redis://${container.getHost()}:${container.getMappedPort(6379)}`,
    stop: async () => {
      await container.stop();
    },
  };
}

let answer: Promise<boolean> | undefined;

/** Whether a Docker daemon, or one that speaks its protocol, answers. Asked once. */
export function dockerAnswers(): Promise<boolean> {
  answer ??= askDocker();
  return answer;
}

async function askDocker(): Promise<boolean> {
  // Loading testcontainers takes longer than starting both servers, so it is not done for a daemon that cannot be there.
  if (!mayHaveDocker()) return false;
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    // This is how it says that no daemon answers.
    return false;
  }
}

function mayHaveDocker(): boolean {
  const home = homedir();
  const places = [
    '/var/run/docker.sock',
    path.join(home, '.docker/run/docker.sock'),
    path.join(home, '.docker/desktop/docker.sock'),
    path.join(home, '.colima/default/docker.sock'),
    path.join(home, '.rd/docker.sock'),
    path.join(home, '.testcontainers.properties'),
    path.join(process.env['XDG_RUNTIME_DIR'] ?? '/run/user/none', 'docker.sock'),
    path.join(process.env['XDG_RUNTIME_DIR'] ?? '/run/user/none', 'podman/podman.sock'),
  ];
  return Boolean(process.env['DOCKER_HOST']) || places.some((place) => existsSync(place));
}
