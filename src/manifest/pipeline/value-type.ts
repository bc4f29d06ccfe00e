/** Types of parameters and outputs: CEL's, as far as JSON has them. */
export const VALUE_TYPES = [
  'string',
  'int',
  'double',
  'bool',
  'list',
  'list<string>',
  'list<int>',
  'list<double>',
  'list<bool>',
  'map',
] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

export function isValueType(type: unknown): type is ValueType {
  return VALUE_TYPES.some((known) => known === type);
}

/** The TypeScript type of a value. */
export type ValueOf<T extends ValueType> = T extends 'string'
  ? string
  : T extends 'int' | 'double'
    ? number
    : T extends 'bool'
      ? boolean
      : T extends 'list<string>'
        ? string[]
        : T extends 'list<int>' | 'list<double>'
          ? number[]
          : T extends 'list<bool>'
            ? boolean[]
            : T extends 'list'
              ? unknown[]
              : Record<string, unknown>;

/** Whether a JSON value is of a type. */
export function isOfType(value: unknown, type: ValueType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'int':
      return Number.isSafeInteger(value);
    case 'double':
      return typeof value === 'number' && Number.isFinite(value);
    case 'bool':
      return typeof value === 'boolean';
    case 'map':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'list':
      return Array.isArray(value);
    case 'list<string>':
    case 'list<int>':
    case 'list<double>':
    case 'list<bool>':
      return Array.isArray(value) && value.every((each) => isOfType(each, elementType(type) as ValueType));
    default:
      return type satisfies never;
  }
}

/** The type of a list's items; `dyn` where it is not declared, undefined where the type is not a list. */
export function elementType(type: string): string | undefined {
  if (type === 'list') return 'dyn';
  return /^list<(.+)>$/.exec(type)?.[1];
}

/** Whether an expression, by its static type, is allowed where a type is required. */
export function isAssignable(from: string, to: ValueType): boolean {
  if (from === 'dyn' || from === to) return true;
  if (to === 'double') return from === 'int';
  if (to === 'map') return from.startsWith('map');
  const given = elementType(from);
  const wanted = elementType(to);
  if (given === undefined || wanted === undefined) return false;
  return wanted === 'dyn' || isAssignable(given, wanted as ValueType);
}
