import { tsImport } from 'tsx/esm/api';

/** Starts the servers that the tests share, once per run; Jest's workers find them through the environment. */
export default async function globalSetup() {
  // Jest loads this file outside its own transformation, so TypeScript is loaded by tsx.
  const { startSharedServers } = await tsImport('./shared-servers.ts', import.meta.url);
  globalThis[Symbol.for('holdfast.test.servers')] = await startSharedServers();
}
