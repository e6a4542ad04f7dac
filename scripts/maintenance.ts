/** Entry of `npm run maintenance` and its sisters, each of which gives its command as the first argument. */
import { main } from './maintenance/main.js';

process.exitCode = await main(process.argv.slice(2), process.env);
