/*
 * A fresh process that reads every user of the table once, through the repository, and tells what its heap holds after each
 * part of them, in a line that begins with `probe`: the library logs there too. Started with --expose-gc, on the settings of
 * the environment. Nothing else is imported: a larger heap to begin with would hide growth. Arguments: how many to read, and
 * after how many each time the heap is measured.
 */
const [, , count, part] = process.argv.map(Number);
/** Of the rows that one call asks for. */
const BATCH = 500;
/** How long what is under way may take to end before the heap is measured. */
const REST_MS = 200;

const { repositoryFactory } = await import(
  new URL('../../../dist/esm/domain/index.js', import.meta.url).href
);
await repositoryFactory.initialize();
const { pool, cache } = repositoryFactory;
if (!(await cache.waitUntilServing())) throw new Error('The cache does not answer.');
const users = repositoryFactory.getUserRepository();

async function standing(read) {
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  global.gc();
  global.gc();
  const { heapUsed, rss } = process.memoryUsage();
  const { near, loads } = cache.getStatistics();
  return { read, heapUsedBytes: heapUsed, rssBytes: rss, nearEntries: near.entries, loads };
}

let last = '00000000-0000-0000-0000-000000000000';
for (let read = 0; read < count; ) {
  // The ids come from the table, so that no list of them grows or shrinks meanwhile.
  const page = await pool.query('SELECT id FROM users WHERE id > $1::uuid ORDER BY id LIMIT $2', [
    last,
    Math.min(BATCH, count - read),
  ]);
  const ids = page.map((row) => row.id);
  if (ids.length === 0) throw new Error(`There are only ${read} users.`);
  const found = await users.findByIds(ids);
  if (!ids.every((id, at) => found[at]?.id === id)) throw new Error('Another row came than was asked for.');
  last = ids.at(-1);
  const before = read;
  read += ids.length;
  if (Math.floor(read / part) > Math.floor(before / part))
    console.log(`probe ${JSON.stringify(await standing(read))}`);
}
await repositoryFactory.shutdown();
