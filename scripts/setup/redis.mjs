import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { dockerAnswers } from './docker.mjs';
import { canInstallWithApt, installCommand } from './platform.mjs';
import { run, say } from './run.mjs';
import { SetupError } from './setup-error.mjs';

/** Sees to it that tests find a Redis: a program to start, an address, or a Docker daemon. */
export async function requireRedis() {
  if (process.env.TEST_REDIS_URL || isInstalled() || installWithApt()) return;
  if (await dockerAnswers()) return;
  throw new SetupError(
    `The tests need Redis, and there is no redis-server here. Install it:\n\n  ${installCommand()}\n\n` +
      'or set TEST_REDIS_URL to the address of one that tests may write to.',
  );
}

/** Installs Redis where that can be done, and says how to get it where not. */
export async function suggestRedis() {
  if (process.env.REDIS_URL || process.env.REDIS_HOST || isInstalled() || installWithApt()) return;
  say(`there is no redis-server here, so what runs does without; to have it: ${installCommand()}`);
}

function isInstalled() {
  const directories = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/opt/homebrew/bin',
    '/usr/local/bin',
    '/usr/bin',
  ];
  return directories.some((directory) =>
    ['redis-server', 'valkey-server'].some((name) => isExecutable(path.join(directory, name))),
  );
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Absent or not executable: either way it is not the one.
    return false;
  }
}

function installWithApt() {
  if (!canInstallWithApt()) return false;
  say('installing redis-server with apt-get');
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const aptInstall = () =>
    run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], environment);
  // In a new container the lists of packages are empty, so the first attempt fails at once.
  const installed = aptInstall().ok || (run('apt-get', ['update'], environment).ok && aptInstall().ok);
  return installed && isInstalled();
}
