/** Entry of `npm run bench`. */
import { main } from './bench/main.js';

process.exitCode = await main(process.argv.slice(2));
// A run that was interrupted has calls under way, which nobody waits for any more.
if (process.exitCode > 128) process.exit();
