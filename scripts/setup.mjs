/**
 * Brings a fresh clone to the point where a command can run: `node scripts/setup.mjs <step>...`. It runs before
 * anything is installed, so it and its helpers use nothing but Node. Each step says what it does in one line, and says
 * nothing when there is nothing to do.
 */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `holdfast needs Node 20.19 or newer, and this is ${process.versions.node}. See https://nodejs.org.`,
  );
  process.exit(1);
}

// Loaded only now: an older Node might not even parse them.
const { SetupError } = await import('./setup/setup-error.mjs');
const steps = {
  install: async () => (await import('./setup/install.mjs')).install(),
  generate: async () => (await import('./setup/generate.mjs')).generate(),
  redis: async () => (await import('./setup/redis.mjs')).requireRedis(),
  'redis-optional': async () => (await import('./setup/redis.mjs')).suggestRedis(),
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in steps));
if (unknown.length > 0 || chosen.length === 0) {
  console.error(`Usage: node scripts/setup.mjs <step>...\nSteps: ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}

try {
  for (const name of chosen) await steps[name]();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
