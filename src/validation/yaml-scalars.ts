import type { ScalarTag } from 'yaml';

/**
 * What a plain scalar means to kubectl, which reads YAML with sigs.k8s.io/yaml: the booleans of YAML 1.1, numbers of Go
 * (`0o644`, `0x1F`, `1_000`), and text where a number is out of range (`7e12345`) or has base 60 (`1:30`).
 */
export const kubernetesScalars: readonly ScalarTag[] = [
  {
    tag: 'tag:yaml.org,2002:null',
    default: true,
    test: /^(?:~|null|Null|NULL)?$/,
    resolve: () => null,
  },
  {
    tag: 'tag:yaml.org,2002:bool',
    default: true,
    test: /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON|n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/,
    resolve: (text) => /^(?:y|t|on$)/i.test(text),
  },
  ...['int', 'float'].map((name): ScalarTag => ({
    tag: `tag:yaml.org,2002:${name}`,
    default: true,
    test: /^[-+.0-9]/,
    resolve: numberOrText,
  })),
  { tag: 'tag:yaml.org,2002:binary', resolve: decoded },
];

const NOT_FINITE: Readonly<Record<string, number>> = { inf: Infinity, '+inf': Infinity, '-inf': -Infinity, nan: NaN };

/** The number that a text is to Go's strconv, or the text itself. */
function numberOrText(text: string): number | string {
  if (/^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/.test(text)) {
    return NOT_FINITE[text.replace('.', '').toLowerCase()]!;
  }
  if (text.startsWith('.') && /(?:^|[^0-9])_|_(?:[^0-9]|$)/.test(text)) return text;
  const plain = text.replaceAll('_', '');
  const integer = integerOf(plain);
  if (integer !== undefined) return integer;
  if (!/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain)) return text;
  const float = Number(plain);
  return Number.isFinite(float) ? float : text;
}

const INTEGER = /^([-+]?)(0[bB][01]+|0[oO][0-7]+|0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;
/** Digits beyond which no integer of 64 bits can be, leading zeros and prefix included. */
const MAX_DIGITS = 80;

function integerOf(text: string): number | undefined {
  const [, sign = '', digits = ''] = INTEGER.exec(text) ?? [];
  if (digits === '' || digits.length > MAX_DIGITS) return undefined;
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const max = sign === '' ? MAX_UINT64 : sign === '-' ? MAX_INT64 + 1n : MAX_INT64;
  if (value > max) return undefined;
  return value === 0n ? 0 : Number(sign === '-' ? -value : value);
}

/** `!!binary`: its content as text. */
function decoded(text: string, onError: (message: string) => void): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(atob(text.replace(/\s/g, '')), (character) => character.charCodeAt(0)),
    );
  } catch {
    onError('!!binary must be text in base64');
    return text;
  }
}
