/** What a text repeats that a regular expression, or a loop in a loop, may take quadratic time for. */
export const HOSTILE_UNITS: readonly string[] = [
  ...['/', '0', '.', '-', ' ', '\t', '\n', '"', "'", '\\', '=', ':', ',', '{', '[', '(', '@', '$', '<', '%'],
  ...['{{', '${{', '}}', '${{a}}', '$(', '${', '{{ $', '&a ', '*a ', '- ', '? ', '# ', '<<: '],
  ...['a.', '.test', '.1', '1.', '1h', 'a-', 'aA', 'a@', 'a=', 'a: ', 'a\n', '\\\n', ' \n', '---\na: @a\n'],
  ...['-D', '--a', ',a', 'a://', '://a:', 'bearer ', '-----BEGIN ', 'sk-', 'k8s://', 'TZ=a ', ', not '],
  ...['jdbc:oracle:a:', 'jdbc:oracle:a:b/', 'eyJaaaaaaaa-', '.eyJaaaaaaaa', 'spark.a.'],
  ...['error looking up service account ', 'User "a" cannot ', 'serviceaccount "'],
];

/** The unit repeated up to a length, and then what no pattern ends in. */
export const hostileText = (unit: string, length: number): string =>
  `${unit.repeat(Math.floor((length - 1) / unit.length))}!`;

/** As long, and nothing special. */
export const benignText = (length: number): string => 'abcdefg '.repeat(Math.floor(length / 8));
