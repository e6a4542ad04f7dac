import { existsSync, readFileSync } from 'node:fs';

/** Whether this is Debian or one of its children, and this process may install packages. */
export function canInstallWithApt() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && distribution().some(isDebian);
}

/** The one command that installs Redis on this machine. */
export function installCommand() {
  if (process.platform === 'darwin') return 'brew install redis';
  const names = distribution();
  const asRoot = process.getuid?.() === 0 ? '' : 'sudo ';
  if (names.some(isDebian)) return `${asRoot}apt-get update && ${asRoot}apt-get install -y redis-server`;
  if (names.some((name) => ['fedora', 'rhel', 'centos'].includes(name)))
    return `${asRoot}dnf install -y valkey`;
  if (names.includes('alpine')) return `${asRoot}apk add redis`;
  if (names.includes('arch')) return `${asRoot}pacman -S --noconfirm valkey`;
  return 'docker run --detach --publish 127.0.0.1:6379:6379 redis:7-alpine';
}

function isDebian(name) {
  return name === 'debian' || name === 'ubuntu';
}

/** The names by which the Linux distribution goes, its own first and then those it is like. */
function distribution() {
  if (!existsSync('/etc/os-release')) return [];
  const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
  return ['ID', 'ID_LIKE'].flatMap((key) => {
    const line = lines.find((candidate) => candidate.startsWith(`${key}=`)) ?? '';
    return line
      .slice(key.length + 1)
      .replaceAll('"', '')
      .split(' ')
      .filter(Boolean);
  });
}
