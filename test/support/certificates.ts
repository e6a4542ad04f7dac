import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate for 127.0.0.1 and the authority that signed it, as PEM files in a folder of their own. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  remove(): void;
}

/** Whether there is an openssl that can make them. */
export function canMakeCertificates(): boolean {
  const version = /^OpenSSL (\d+)/.exec(
    spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '',
  )?.[1];
  return Number(version ?? 0) >= 3;
}

/** Makes them with openssl. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-certificates-'));
  const file = (name: string): string => path.join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await run('openssl', [
    ...['req', '-x509', ...newKey, '-subj', '/CN=holdfast test authority'],
    ...['-keyout', file('ca.key'), '-out', file('ca.pem')],
  ]);
  await run('openssl', [
    ...['req', '-x509', ...newKey, '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-CA', file('ca.pem'), '-CAkey', file('ca.key')],
    ...['-keyout', file('server.key'), '-out', file('server.pem')],
  ]);
  return {
    ca: file('ca.pem'),
    certificate: file('server.pem'),
    key: file('server.key'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
