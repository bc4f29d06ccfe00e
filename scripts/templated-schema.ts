/** A JSON Schema as data. */
interface Schema {
  readonly [keyword: string]: unknown;
}

const expression = { type: 'string', pattern: '\\$\\{\\{' };

/**
 * The JSON Schema of something any value of which may be a text with a `${{ … }}` instead, and any part of which may be
 * left out.
 */
export function templated({ required: _, ...schema }: Schema): Schema {
  const { properties, items, additionalProperties, anyOf, type, description, ...rest } = schema;
  if (type === 'object' || properties !== undefined) {
    return {
      ...schema,
      ...(properties === undefined ? {} : { properties: mapped(properties as Record<string, Schema>) }),
      ...(isSchema(additionalProperties) ? { additionalProperties: templated(additionalProperties) } : {}),
    };
  }
  // Nothing is asked of it.
  if (Object.keys(schema).every((keyword) => keyword === 'description')) return schema;
  const own =
    type === 'array'
      ? [{ type, ...rest, ...(isSchema(items) ? { items: templated(items) } : {}) }]
      : ((anyOf as Schema[] | undefined) ?? [{ type, ...rest }]);
  return { ...(description === undefined ? {} : { description }), anyOf: [...own, expression] };
}

function mapped(properties: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, templated(schema)]));
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}
