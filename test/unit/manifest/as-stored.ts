const QUANTITIES = ['coreLimit', 'coreRequest', 'memory', 'memoryLimit', 'memoryOverhead', 'memoryOverheadFactor'];

/** As an API server and the operator's defaulting webhook would have it before the CRD's schema is applied. */
export function asStored(value: unknown, key = '', parent = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => asStored(item));
  if (typeof value === 'number' && (QUANTITIES.includes(key) || parent === 'resources')) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  const stored = Object.fromEntries(entries.map(([name, item]) => [name, asStored(item, name, key)]));
  // A SparkConnect has no type.
  return 'sparkVersion' in stored && !('server' in stored) ? { type: 'Scala', ...stored } : stored;
}
