import type { InstalledPackage } from './package-tree.js';

/** How the analysis of a package ends, as far as its files decide. */
export type AnalysisOutcome =
  | { readonly status: 'completed'; readonly result: Readonly<Record<string, number | string | null>> }
  | { readonly status: 'failed'; readonly error: string }
  | { readonly status: 'cancelled' };

/**
 * Decides for each package how its ANALYSIS job ends: it fails where there is no code to analyse, is cancelled where
 * the same version was met before at another place, and else completes with what it counted.
 */
export function decideAnalyses(packages: readonly InstalledPackage[]): AnalysisOutcome[] {
  const seen = new Set<string>();
  return packages.map(({ manifest, fileCount, codeFileCount, sizeBytes }): AnalysisOutcome => {
    const release = `${manifest.name}@${manifest.version ?? ''}`;
    if (seen.has(release)) {
      return { status: 'cancelled' };
    }
    seen.add(release);
    if (codeFileCount === 0) {
      return { status: 'failed', error: `${release} holds no JavaScript or TypeScript to analyse.` };
    }
    return {
      status: 'completed',
      result: {
        files: fileCount,
        codeFiles: codeFileCount,
        bytes: Number(sizeBytes),
        dependencies: Object.keys(manifest.dependencies).length,
      },
    };
  });
}
