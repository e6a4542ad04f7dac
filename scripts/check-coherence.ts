/** Entry of `npm run check:coherence`. */
import { main } from './coherence/main.js';

process.exitCode = await main(process.argv.slice(2));
