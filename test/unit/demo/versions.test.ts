import { describe, expect, test } from '@jest/globals';
import { avatarUrlAt, jobVersion, projectVersion, userVersion } from '../../../scripts/demo/versions.js';

describe('the version that an entity carries', () => {
  test('is the number of files of a project', () => {
    expect(projectVersion({ fileCount: 7 })).toBe(7);
  });

  test("is the number at the end of a user's avatar", () => {
    const first = 'https://example.org/a=b/avatar?v=0';
    expect(userVersion({ avatarUrl: first })).toBe(0);
    expect(userVersion({ avatarUrl: avatarUrlAt(first, 12) })).toBe(12);
    expect(avatarUrlAt(avatarUrlAt(first, 12), 3)).toBe('https://example.org/a=b/avatar?v=3');
  });

  test('grows with every step of a job', () => {
    const steps = [
      { status: 'PENDING', progress: 0 },
      { status: 'RUNNING', progress: 0 },
      { status: 'RUNNING', progress: 10 },
      { status: 'RUNNING', progress: 100 },
      { status: 'COMPLETED', progress: 100 },
    ];
    const versions = steps.map(jobVersion);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(jobVersion({ status: 'CANCELLED', progress: 0 })).toBe(versions.at(-1));
  });

  test('is below every other when the entity is missing', () => {
    expect([projectVersion(null), userVersion(null), jobVersion(null)]).toEqual([-1, -1, -1]);
  });
});
