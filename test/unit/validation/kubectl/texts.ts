const head = (name: string): string => `apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata: {name: ${name}}
`;
const json = (name: string, spec: object = {}): string =>
  JSON.stringify({
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name },
    spec,
  });
const spec = (body: string): string => `${head('odd')}spec:\n${body.replace(/^/gm, '  ')}\n`;

/** Plain scalars that readers of YAML disagree on. */
export const scalars: readonly string[] = [
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'n', 'N', 'no', 'No', 'NO', 'on', 'On', 'ON', 'off', 'Off', 'OFF', 'yEs', 'oN'],
  ...['true', 'True', 'TRUE', 'false', 'False', 'FALSE', 'tRue', 't', 'f'],
  ...['~', 'null', 'Null', 'NULL', 'nULL', 'none', 'nil', ''],
  ...[
    '0',
    '-0',
    '+0',
    '00',
    '7',
    '-7',
    '+7',
    '0644',
    '0o644',
    '0O17',
    '-0o17',
    '0o8',
    '0o',
    '08',
    '089',
    '09.1',
    '0_8',
  ],
  ...['0x1F', '0X1f', '-0x1F', '+0x1F', '0x', '0x_1', '0x1p-2', '0b11', '-0b11', '0B11', '0b', '0b12', '+0b1'],
  ...['1_000', '1__0', '1_', '0_', '_1', '0777_7', '1_.5', '1e_3'],
  ...['3.10', '3.0', '1.', '.5', '-.5', '+.5', '.5_0', '._5', '.', '..', '-.', '.e1', '.5e1', '.5E+1', '5.e1', '0.0'],
  ...['1e3', '1E3', '12e03', '-1e5', '1.5e', '1e400', '-1e400', '7e12345', '7e1234', '12e45678', '1e-400', '0e0'],
  ...['9007199254740991', '9223372036854775807', '9223372036854775808', '18446744073709551616', '-9223372036854775809'],
  ...['1:30', '12:30:45', '190:20:30', '2026-08-21', '2026-08-21T10:11:12Z', '2001-1-1 10:11:12', '2026', '3.5.6'],
  ...['a#b', 'a b # comment', '=', 'x:y', '1 2', '0 # zero', '"yes"', "'0644'", "'it''s'", '"\\u00e9\\t"'],
  ...['!!str 12', '!!float 3', '!!int "3"', '!!bool "yes"', '!!binary aGVsbG8=', '!own 3', '!!timestamp 2026-08-21'],
];

/** Whole texts that readers of YAML and JSON disagree on, by what is odd. */
export const texts: Readonly<Record<string, string>> = {
  scalars: spec(scalars.map((scalar, index) => `s${index}: ${scalar}`).join('\n')),
  'keys that are not text': spec('1: a\n1.5: b\n1e3: c\n0x10: d\nyes: e\n0o17: f'),
  'a key set twice': spec('a: 1\nb: 2\na: 3'),
  'a section set twice': `${spec('a: 1')}spec:\n  b: 2\n`,
  'a key set twice in a flow map': spec('x: {"a": 1, a: 2}'),
  'a key without a value as key': spec('~: a'),
  'a map as key': spec('? {b: 1}\n: c'),
  'an expression without quotes': spec('a: {{ b }}'),
  'a merge before a key': spec('x: &x {a: 1, b: 2}\ny1:\n  <<: *x\n  a: 3'),
  'a merge after a key': spec('x: &x {a: 1, b: 2}\ny1:\n  a: 3\n  <<: *x'),
  'a merge of two maps': spec('x: &x {a: 1}\ny1: &y {a: 2, b: 3}\nz: {<<: [*x, *y]}'),
  'a merge of text': spec('x: {<<: a}'),
  'a quoted merge': spec('x: {"<<": a}'),
  'an alias': spec('x: &x {a: [1, 2]}\ny1: *x'),
  'an alias of nothing': spec('x: *y'),
  'an alias of itself': spec('x: &x [*x]'),
  infinity: spec('a: .inf'),
  'minus infinity': spec('a: -.INF'),
  'not a number': spec('a: .nan'),
  'a set': spec('a: !!set {x, z}'),
  'an ordered map': spec('a: !!omap [x: 1]'),
  'block texts': spec('a: |\n  x\n   y\nb: >-\n  x\n  y\nc: |+\n  x\n\nd: "x\n  y"'),
  'a tab as indentation': spec('a:\n\tb: 1'),
  'two values in a line': spec('a: b: c'),
  'an unclosed list': spec('a: [1'),
  'a reserved character': spec('a: @b'),
  'two commas': spec('a: [1,, 2]'),
  'a flow map of JSON': spec('a: {"b":1,"c":[true,null]}'),
  'documents and comments': `# one\n${head('one')}--- # two\n${head('two')}---\n# nothing\n---\n${head('three')}`,
  'carriage returns': head('odd').replaceAll('\n', '\r\n'),
  'a byte order mark': `\uFEFF${head('odd')}`,
  'JSON objects in lines': `${json('one')}\n${json('two')}\n`,
  'JSON objects without a space': `${json('one', { a: '}{"' })}${json('two', { b: '\\"{' })}`,
  'indented JSON objects': [json('one'), json('two')]
    .map((each) => JSON.stringify(JSON.parse(each), null, 2))
    .join('\n'),
  'JSON with a key set twice': json('odd').replace('"spec":{}', '"spec":{"a":1,"b":2,"a":3}'),
  'JSON with numbers': json('odd').replace('{}', '{"a":1.0,"b":1e3,"c":-0,"d":9223372036854775807}'),
  'JSON with escapes': json('odd').replace('{}', '{"a":"x\\/y","b":"\\ud83d\\ude00"}'),
  'a list': `apiVersion: v1\nkind: List\nitems:\n- ${json('one')}\n- ${json('two')}\n`,
  'a list of applications': `apiVersion: sparkoperator.k8s.io/v1beta2\nkind: SparkApplicationList\nitems: [{metadata: {name: one}}, ${json('two')}]`,
  'an empty list': 'apiVersion: v1\nkind: List\nitems: []\n',
};

/** A key written as a number and as a text: kubectl takes the value that its unordered map has last, "a" or "b". */
export const keyOfTwoTypes = spec('1: a\n"1": b');
