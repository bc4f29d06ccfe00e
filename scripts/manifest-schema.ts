import { applicationSchema, connectSchema } from './json-schema.ts';

/** A part of a JSON Schema of ours. */
export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
}

interface Definitions {
  readonly definitions: Readonly<Record<string, Schema>>;
}

const connect = connectSchema() as Schema & Definitions;

/** The definitions of the schemas of applications, their schedules and sessions, by kind among others. */
export const definitions: Readonly<Record<string, Schema>> = {
  ...(applicationSchema() as Definitions).definitions,
  ...connect.definitions,
  SparkConnect: connect,
};

/** A schema with what it refers to. */
export function resolved(schema: Schema | undefined): Schema | undefined {
  if (schema?.$ref !== undefined) return resolved(definitions[schema.$ref.replace('#/definitions/', '')]);
  const [inherited] = schema?.allOf ?? [];
  return inherited === undefined ? schema : { ...resolved(inherited), ...schema };
}
