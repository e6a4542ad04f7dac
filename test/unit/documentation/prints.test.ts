import { describe, expect, test } from '@jest/globals';
import { examplesOf } from '../../../scripts/docs/examples.js';
import { pageOf } from '../../../scripts/docs/pages.js';
import { printed, statedOutput } from '../../../scripts/docs/prints.js';
import { unexecutedStatements } from '../../../scripts/docs/run-examples.js';

describe('what an example says that it prints', () => {
  test('is gathered in the order of the text, with the comment lines that go on with it', () => {
    const text = [
      'console.log(name); // prints: Ada',
      'console.log(user);',
      '// prints: {',
      "//   name: 'Ada' }",
      '',
      '// A comment that states nothing.',
    ].join('\n');
    expect(statedOutput(text)).toBe("Ada { name: 'Ada' }");
    expect(statedOutput('print(); // and nothing else')).toBeNull();
  });

  test('agrees with the output whatever the line breaks, and with any text where it has dots', () => {
    expect(printed("{ id: ..., name: 'Ada' }", "{\n  id: '0190',\n  name: 'Ada'\n}\n")).toBe(true);
    expect(printed('(a) [b]', '(a)\n[b]')).toBe(true);
  });

  test('disagrees where the output has more, less or other text', () => {
    expect(printed('Ada', 'Ada Byron')).toBe(false);
    expect(printed('Ada Byron', 'Ada')).toBe(false);
    expect(printed('A.a', 'Ada')).toBe(false);
  });

  test('is a problem where it is not executed', () => {
    const page = pageOf('a.md', '```ts\nf();\nlog(1); // prints: 1\n```');
    const found = examplesOf(page).examples.flatMap(unexecutedStatements);
    expect(found).toMatchObject([{ file: 'a.md', line: 3 }]);
  });
});
