import { request } from 'node:http';
import { homedir } from 'node:os';

/** Whether a Docker daemon answers at DOCKER_HOST or at one of the usual sockets. */
export async function dockerAnswers() {
  for (const address of addresses()) if (await ping(address)) return true;
  return false;
}

function addresses() {
  const host = process.env.DOCKER_HOST;
  if (host?.startsWith('unix://')) return [{ socketPath: host.slice('unix://'.length) }];
  if (host) {
    const url = new URL(host.replace(/^tcp:/, 'http:'));
    return [{ host: url.hostname, port: url.port || 2375 }];
  }
  return [
    '/var/run/docker.sock',
    `${homedir()}/.docker/run/docker.sock`,
    `${homedir()}/.colima/default/docker.sock`,
  ].map((socketPath) => ({ socketPath }));
}

function ping(address) {
  return new Promise((resolve) => {
    const asked = request({ ...address, path: '/_ping', timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.once('close', () => resolve(false));
    asked.end();
  });
}
