import { describe, expect, test } from '@jest/globals';
import { decideAnalyses } from '../../../scripts/demo/analysis-outcome.js';
import { parseManifest } from '../../../scripts/demo/manifest.js';
import type { InstalledPackage } from '../../../scripts/demo/package-tree.js';

function installed(location: string, fields: object, codeFileCount: number): InstalledPackage {
  const manifest = parseManifest(JSON.stringify(fields), location);
  if (manifest === null) {
    throw new Error('The fields make no manifest.');
  }
  return { location, manifest, fileCount: 3, sizeBytes: 100n, codeFileCount };
}

describe('the analysis of a package', () => {
  test('completes with what was counted', () => {
    const [outcome] = decideAnalyses([installed('rock', { dependencies: { stone: '1' } }, 2)]);
    expect(outcome).toEqual({
      status: 'completed',
      result: { files: 3, codeFiles: 2, bytes: 100, dependencies: 1 },
    });
  });

  test('fails where there is no code', () => {
    const [outcome] = decideAnalyses([installed('rock', { version: '1.0.0' }, 0)]);
    expect(outcome).toEqual({
      status: 'failed',
      error: 'rock@1.0.0 holds no JavaScript or TypeScript to analyse.',
    });
  });

  test('is cancelled where the same version was met before, and not where another was', () => {
    const outcomes = decideAnalyses([
      installed('rock', { name: 'rock', version: '1.0.0' }, 1),
      installed('sand/node_modules/rock', { name: 'rock', version: '1.0.0' }, 1),
      installed('clay/node_modules/rock', { name: 'rock', version: '2.0.0' }, 1),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['completed', 'cancelled', 'completed']);
  });
});
