import type {
  ApplicationTemplate,
  CalledActivity,
  CalledWorkflow,
  PipelineParameter,
  PipelineStage,
  SparkPipelineManifest,
  SparkPipelineSpec,
  StageDependency,
} from '../types.ts';
import type { ValueOf, ValueType } from '../value-type.ts';
import type { PipelineExpression, Fitting, Value } from './typed-expression.ts';

declare const TYPES: unique symbol;

/** Parameters as a pipeline declares them: a default has the parameter's type. */
export type ParameterDeclarations = Readonly<
  Record<string, { [T in ValueType]: PipelineParameter & { readonly type: T; readonly default?: Value<T> } }[ValueType]>
>;

/** Types by name. */
export type Types = Readonly<Record<string, ValueType>>;

/** No names. */
export type None = Readonly<Record<never, never>>;

/** A pipeline that `definePipeline` made: a plain manifest, of which TypeScript knows the parameters and outputs. */
export interface TypedPipeline<
  Parameters extends ParameterDeclarations = ParameterDeclarations,
  Outputs extends Types = Types,
> extends SparkPipelineManifest {
  readonly [TYPES]: { readonly parameters: Parameters; readonly outputs: Outputs };
}

/** A manifest whose parameters and outputs TypeScript does not know. */
export type UntypedPipeline = SparkPipelineManifest & { readonly [TYPES]?: never };

type Required<P extends ParameterDeclarations> = {
  [K in keyof P]: P[K] extends { readonly default: unknown } ? never : K;
}[keyof P];

/** Values of a pipeline's parameters; one with a default may be left out. */
export type ParameterValues<P extends ParameterDeclarations> = {
  readonly [K in Required<P>]: ValueOf<P[K]['type']>;
} & { readonly [K in Exclude<keyof P, Required<P>>]?: ValueOf<P[K]['type']> };

/** Values of outputs. */
export type OutputValues<O extends Types> = { readonly [K in keyof O]: ValueOf<O[K]> };

/** A stage that was declared, for the stages after it. */
export interface StageHandle<Outputs extends Types = Types> {
  readonly name: string;
  /** Its outputs, for later stages' arguments, environment, sparkConf and conditions. */
  readonly outputs: { readonly [K in keyof Outputs]: PipelineExpression<Outputs[K]> };
  /** How it ended: `SUCCEEDED`, `FAILED`, `CANCELLED`, `SKIPPED`. */
  readonly state: PipelineExpression<'string'>;
  /** Why it failed; empty where it did not. */
  readonly message: PipelineExpression<'string'>;
  /** For `dependsOn`: that it failed. */
  readonly failed: StageCondition;
  /** For `dependsOn`: that it has ended, with any result. */
  readonly completed: StageCondition;
}

declare const CONDITION: unique symbol;

/** How a stage must have ended. */
export type StageCondition = StageDependency & { readonly [CONDITION]: true };

type Work = 'application' | 'applicationFile' | 'template' | 'overrides' | 'workflow' | 'activity';
type Nested = 'pipeline' | 'pipelineFile' | 'parameters';
type Typed = 'name' | 'dependsOn' | 'when' | 'forEach' | 'outputs';

/** What all kinds of stages have. */
interface StageFields extends Omit<PipelineStage, Work | Nested | Typed> {
  /** Stages, or `stage.failed`, `stage.completed`. */
  readonly dependsOn?: readonly (AnyStage | StageCondition)[];
  /** The stage is skipped where it is false. */
  readonly when?: PipelineExpression<'bool'>;
}

type AnyStage = Pick<StageHandle, 'name' | 'state' | 'failed' | 'completed'>;

/** A stage that is an application, a workflow or an activity. */
export type WorkStage<Template extends string, Outputs extends Types> = StageFields & {
  /** Name and type of what it gives to later stages. */
  readonly outputs?: Outputs;
} & (
    | { readonly application: ApplicationTemplate }
    | { readonly template: Template; readonly overrides?: NonNullable<PipelineStage['overrides']> }
    | { readonly workflow: CalledWorkflow }
    | { readonly activity: CalledActivity }
  );

/** A stage that is another pipeline; its outputs are the other pipeline's. */
export type NestedStage<P extends ParameterDeclarations, O extends Types, Given> = StageFields & {
  readonly pipeline: TypedPipeline<P, O>;
} & (None extends ParameterValues<P>
    ? { readonly parameters?: Given & GivenParameters<P, Given> }
    : { readonly parameters: Given & GivenParameters<P, Given> });

type GivenParameters<P extends ParameterDeclarations, Given> = {
  readonly [K in Required<P>]: Value<P[K]['type']>;
} & { readonly [K in keyof Given]: K extends keyof P ? Fitting<P[K]['type'], Given[K]> : never };

/** What a fan-out iterates over: a list, an expression that gives one, or whole numbers with both ends included. */
export type Items =
  | { readonly items: PipelineExpression<ListType> | readonly unknown[]; readonly maxConcurrent?: number }
  | {
      readonly range: { readonly from?: Value<'int'>; readonly to: Value<'int'>; readonly step?: number };
      readonly maxConcurrent?: number;
    };

type ListType = Extract<ValueType, `list${string}`>;

/** Type of one item; `never` where only the check of the pipeline finds it. */
export type ItemOf<I extends Items> = I extends { readonly range: unknown }
  ? 'int'
  : I extends { readonly items: PipelineExpression<infer L> }
    ? ElementOf<L>
    : I extends { readonly items: readonly string[] }
      ? 'string'
      : never;

type ElementOf<L extends ValueType> = L extends `list<${infer E extends ValueType}>` ? E : never;

/** A list of values of a type. */
export type ListOf<T extends ValueType> = T extends 'string' | 'int' | 'double' | 'bool' ? `list<${T}>` : 'list';

/** Outputs of a fan-out: each is a list, in the order of the items. */
export type Lists<O extends Types> = { readonly [K in keyof O]: ListOf<O[K]> };

/** Outputs of a pipeline. */
export type OutputDeclarations = Readonly<Record<string, { readonly type: ValueType; readonly value: unknown }>>;

/** The same, each value of its type. */
export type FittingOutputs<O extends OutputDeclarations> = {
  readonly [K in keyof O]: { readonly type: O[K]['type']; readonly value: Fitting<O[K]['type'], O[K]['value']> };
};

export type TypesOf<O extends OutputDeclarations> = { readonly [K in keyof O]: O[K]['type'] };

/** Properties of a pipeline other than its stages. */
export interface PipelineDefinition<P extends ParameterDeclarations, Template extends string> extends Omit<
  SparkPipelineSpec,
  'parameters' | 'templates' | 'stages' | 'outputs'
> {
  readonly name: string;
  /** Namespace of the applications that name none. @default 'default' */
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly parameters?: P;
  /** Applications that stages share. */
  readonly templates?: Readonly<Record<Template, ApplicationTemplate>>;
}
