import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { thisMachine } from '../report/machine.js';
import type { Scenario } from '../scenario.js';
import { growthChart } from './growth-chart.js';
import { growthTables } from './growth-report.js';
import { measureGrowth } from './measure-growth.js';
import { growthSteps, VALUES } from './points.js';

/**
 * How cost grows: with the table, the callers, the size of an entity and the processes, for a near hit, a shared hit, a cold read
 * and Prisma. It has no targets, so it gives no rows; it prints tables and writes `growth.json`, `growth.txt` and `growth.svg`.
 *
 * @param values what is made how large
 */
export function growthOf(values: Partial<typeof VALUES> = VALUES): Scenario {
  return {
    name: 'growth',
    category: 'mixed',
    run: async (world) => {
      const figures = await measureGrowth(world, growthSteps(values));
      const tables = growthTables(figures);
      process.stdout.write(`\n${tables}\n`);
      const machine = thisMachine();
      const facts = { date: new Date().toISOString(), rounds: world.rounds, ...machine };
      const subtitle = `${facts.date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`;
      const files = {
        'growth.json': `${JSON.stringify({ ...facts, figures }, null, 2)}\n`,
        'growth.txt': `${subtitle}\n\n${tables}\n`,
        'growth.svg': await growthChart(figures, subtitle),
      };
      await mkdir(world.out, { recursive: true });
      for (const [name, text] of Object.entries(files)) await writeFile(path.join(world.out, name), text);
      const written = Object.keys(files).map((name) => path.join(world.out, name));
      process.stdout.write(`Written: ${written.join(', ')}\n`);
      return [];
    },
  };
}

export const growth = growthOf();
