/** SQL for values of one column that are at the edges of its type, or beyond what Prisma itself can write. */
export interface ExtremeValues {
  readonly model: string;
  readonly field: string;
  readonly values: readonly string[];
}

const of = (model: string, field: string, values: readonly string[]): ExtremeValues => ({
  model,
  field,
  values,
});
const quoted = (type: string, texts: readonly string[]): readonly string[] =>
  texts.map((text) => `'${text.replaceAll("'", "''")}'::${type}`);

const TEXTS = [
  '',
  ' ',
  'NULL',
  'null',
  `it's "q" \\ \\\\ {a,b} $1`,
  'line\r\n\ttab',
  '漢字 🦊 é \u2028 \u{10FFFF}',
  '{',
  '}',
  ',',
  '"',
  '\\x00',
  'a'.repeat(5_000),
];
const DATES = [
  'infinity',
  '-infinity',
  '4713-11-24 BC',
  '0044-03-15 BC',
  '0001-12-31 BC',
  '0001-01-01',
  '0099-12-31',
  '0100-01-01',
  '1582-10-10',
  '1970-01-01',
  '2000-02-29',
  '9999-12-31',
  '10000-01-01',
  '275760-09-13',
];
const MOMENTS = [
  'infinity',
  '-infinity',
  ...DATES.slice(2).flatMap((day) =>
    day.endsWith(' BC')
      ? [`${day.slice(0, -3)} 12:34:56.5 BC`]
      : [`${day} 00:00:00`, `${day} 23:59:59.999999`],
  ),
  '2024-02-29 12:34:56.000001',
  '2024-02-29 12:34:56.0005',
  '2024-02-29 12:34:56.000999',
  '2024-02-29 12:34:56.9995',
  '2024-02-29 12:34:56.1',
  '2024-02-29 12:34:56.12',
  '2024-02-29 12:34:56.1234',
  '2024-02-29 23:59:60',
  '1969-12-31 23:59:59.999999',
  '1900-01-01 00:00:00.0009',
  '294276-12-31 23:59:59.999999',
];
const TIMES = [
  '00:00',
  '24:00:00',
  '23:59:60',
  '23:59:59.999999',
  '12:00:00.0005',
  '12:00:00.9',
  '00:00:00.000001',
];
const FLOATS = [
  'NaN',
  'Infinity',
  '-Infinity',
  '-0',
  '0',
  '1e-7',
  '0.1',
  '1e21',
  '-1.5',
  '16777217',
  '123456789',
];
const DOUBLES = [
  ...FLOATS,
  '5e-324',
  '1.7976931348623157e308',
  '0.30000000000000004',
  '9007199254740993',
  '1e22',
];
const NUMERICS = [
  'NaN',
  '0',
  '-0',
  '0.000',
  '1.10',
  '-12.50',
  '1e-30',
  '0.1e-200',
  '123e300',
  '1e20',
  '12345678901234567890.1234567890',
];
const JSONS = [
  'null',
  '"null"',
  '""',
  'true',
  '0',
  '[]',
  '{}',
  '  {"a" : [1, {"b": null}]}  ',
  '{"__proto__": {"polluted": true}, "constructor": 1, "toJSON": "x", "length": 0, "0": "zero"}',
  '{"$type": "DateTime", "value": "not a date"}',
  '{"$type": "BigInt", "value": "x"}',
  '12345678901234567890123',
  '1.0',
  '0.1000000000000000055511151231257827',
  '1e300',
  '-0',
  '"quote \\" backslash \\\\ slash \\/ newline \\n \\u00e9 \\ud83d\\ude00 🦊"',
  '{"b": 1, "a": 2, "aa": 3, "10": 4, "9": 5}',
];
// Of `json`, which keeps the text as it was.
const JSON_TEXTS = [...JSONS, '{"a": 1, "a": 2}', '"\\ud800"', '1e400', '\n\t[1 ,\n2]'];
const BYTES = ['\\x', '\\x00', '\\x5c78', '\\x5c5c78', `\\x${'00ff80'.repeat(2_000)}`];
const INTEGERS = ['-2147483648', '2147483647', '0', '-1'];
const BIG_INTEGERS = ['-9223372036854775808', '9223372036854775807', '9007199254740993', '0', '-1'];
const ADDRESSES = [
  '10.0.0.1',
  '10.0.0.1/32',
  '10.0.0.1/8',
  '0.0.0.0/0',
  '::1',
  '::1/128',
  '::ffff:1.2.3.4/96',
  'fe80::/10',
];

const array = (type: string, elements: readonly string[]): string =>
  `ARRAY[${elements.map((text) => `'${text.replaceAll("'", "''")}'`).join(', ')}]::${type}[]`;
/** Arrays of a type: with all of these elements, with each alone, and of the shapes that only SQL can write. */
const arrays = (type: string, elements: readonly string[]): readonly string[] => {
  const [first = '', second = first] = elements;
  return [
    'NULL',
    `'{}'::${type}[]`,
    array(type, elements),
    ...elements.map((element) => array(type, [element])),
    `ARRAY[NULL]::${type}[]`,
    `array_append(${array(type, [first])}, NULL)`,
    `ARRAY[${array(type, [first, second])}, ${array(type, [second, first])}]`,
    `ARRAY[ARRAY[${array(type, [first])}]]`,
    // Its first index is 5.
    `array_fill('${first.replaceAll("'", "''")}'::${type}, ARRAY[2], ARRAY[5])`,
  ];
};

/** Of the schema `types`: of every type what is extreme, alone and in arrays. */
export const EXTREME_VALUES: readonly ExtremeValues[] = [
  ...['text', 'varchar', 'citext'].map((field) =>
    of('NativeOptional', field, ['NULL', ...quoted('text', TEXTS)]),
  ),
  of(
    'NativeOptional',
    'char12',
    quoted('text', ['', ' ', 'a', 'NULL', '"\\{},\'', '漢字🦊', 'a           ']),
  ),
  of(
    'NativeOptional',
    'uuid',
    quoted('uuid', ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{00000000-0000-0000-0000-000000000000}']),
  ),
  of('NativeOptional', 'inet', quoted('inet', ADDRESSES)),
  of('NativeOptional', 'bit12', ["B'000000000000'", "B'101010101010'"]),
  of('NativeOptional', 'varbit', ["B''", "B'1'", `B'${'01'.repeat(100)}'`]),
  of('NativeOptional', 'xml', quoted('xml', ['<a/>', '<a b="1">&amp; "x" \\ {,}</a>', 'only text', ''])),
  of('NativeOptional', 'smallint', ['-32768', '32767']),
  of('NativeOptional', 'integer', INTEGERS),
  of('NativeOptional', 'oid', ['0', '2147483648', '4294967295']),
  of('NativeOptional', 'bigint', BIG_INTEGERS),
  of('NativeOptional', 'real', quoted('real', [...FLOATS, '1e-45', '3.4028235e38'])),
  of('NativeOptional', 'double', quoted('float8', DOUBLES)),
  of(
    'NativeOptional',
    'decimal',
    quoted('numeric', [...NUMERICS, 'Infinity', '-Infinity', '1e4000', '1e-4000']),
  ),
  of('NativeOptional', 'decimal10', quoted('numeric', ['NaN', '9999999.999', '-0.001', '0'])),
  of('NativeOptional', 'fraction', quoted('numeric', ['0.99999999999999999999', '-0.00000000000000000001'])),
  of('NativeOptional', 'json', ['NULL', ...quoted('json', JSON_TEXTS)]),
  of('NativeOptional', 'jsonb', ['NULL', ...quoted('jsonb', JSONS)]),
  of('NativeOptional', 'bytes', quoted('bytea', BYTES)),
  of('NativeOptional', 'date', [...quoted('date', DATES), "'5874897-12-31'::date"]),
  of('PlainOptional', 'boolean', ['NULL', 'true', 'false']),
  of('PlainOptional', 'mood', ['NULL', "'😀 happy'", `'is "sad"'`, "'plain'", "'MIXED case'"]),
  of('PlainOptional', 'decimal', quoted('numeric', ['NaN', '1e30', '-1e-30'])),
  of('PlainOptional', 'dateTime', quoted('timestamp', MOMENTS.slice(0, -1))),
  of('MomentOptional', 'timestamp', quoted('timestamp', MOMENTS)),
  of('MomentOptional', 'timestamp0', quoted('timestamp', MOMENTS.slice(0, -1))),
  of('MomentOptional', 'timestamp4', quoted('timestamp', MOMENTS.slice(0, -1))),
  of('MomentOptional', 'timestamp6', quoted('timestamp', MOMENTS)),
  of(
    'MomentOptional',
    'timestamptz',
    quoted(
      'timestamptz',
      MOMENTS.slice(0, -1).map((text) => text.replace(/(:\d\d(?:\.\d+)?)( BC)?$/, '$1+05:30$2')),
    ),
  ),
  of('MomentOptional', 'timestamptz2', quoted('timestamptz', MOMENTS.slice(0, -1))),
  of(
    'MomentOptional',
    'timestamptz6',
    quoted(
      'timestamptz',
      MOMENTS.slice(0, -1).map((text) => text.replace(/(:\d\d(?:\.\d+)?)( BC)?$/, '$1-11$2')),
    ),
  ),
  of('MomentOptional', 'time', quoted('time', TIMES)),
  of('MomentOptional', 'time3', quoted('time', TIMES)),
  of(
    'MomentOptional',
    'timetz',
    quoted(
      'timetz',
      TIMES.flatMap((time) => ['+00', '+05:30', '-15:59', '+05:30:15'].map((offset) => time + offset)),
    ),
  ),
  of(
    'MomentOptional',
    'timetz1',
    quoted(
      'timetz',
      TIMES.map((time) => `${time}-00:30`),
    ),
  ),
  of('NativeList', 'text', arrays('text', TEXTS)),
  of('NativeList', 'varchar', arrays('varchar', TEXTS.slice(0, 8))),
  of('NativeList', 'char12', arrays('char(12)', ['', 'a', 'NULL', '"\\{},'])),
  of('NativeList', 'uuid', arrays('uuid', ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'])),
  of('NativeList', 'inet', arrays('inet', ADDRESSES)),
  of('NativeList', 'bit12', arrays('bit(12)', ['101010101010'])),
  of('NativeList', 'varbit', arrays('varbit', ['', '1', '0101'])),
  of('NativeList', 'xml', arrays('xml', ['<a/>', '<a b="1">&amp; "x" \\ {,}</a>', ''])),
  of('NativeList', 'smallint', arrays('int2', ['-32768', '32767'])),
  of('NativeList', 'integer', arrays('int4', INTEGERS)),
  of('NativeList', 'oid', arrays('oid', ['0', '4294967295'])),
  of('NativeList', 'bigint', arrays('int8', BIG_INTEGERS)),
  of('NativeList', 'real', arrays('float4', FLOATS)),
  of('NativeList', 'double', arrays('float8', DOUBLES)),
  of('NativeList', 'decimal', arrays('numeric', NUMERICS)),
  of('NativeList', 'boolean', arrays('bool', ['true', 'false'])),
  of('NativeList', 'json', arrays('json', JSON_TEXTS)),
  of('NativeList', 'jsonb', arrays('jsonb', JSONS)),
  of('NativeList', 'bytes', arrays('bytea', BYTES)),
  of('NativeList', 'date', arrays('date', DATES)),
  of('PlainList', 'mood', arrays('"mood-type"', ['😀 happy', 'is "sad"', 'plain', 'MIXED case'])),
  of('MomentList', 'timestamp6', arrays('timestamp', MOMENTS)),
  of('MomentList', 'timestamptz6', arrays('timestamptz', MOMENTS.slice(0, -1))),
  of('MomentList', 'time', arrays('time', TIMES)),
];
