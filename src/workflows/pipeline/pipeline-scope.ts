import { evaluate, toExpressionValue } from '../../manifest/pipeline/expression.ts';
import { onlyExpression } from '../../manifest/pipeline/template.ts';
import type { PipelineStage, SparkPipelineSpec } from '../../manifest/index.ts';
import type { ValueType } from '../../manifest/index.ts';

/** The names that expressions of a pipeline run may use. */
export interface RunFacts {
  readonly run: { readonly id: string; readonly workflowId: string };
  readonly pipeline: { readonly name: string; readonly namespace: string };
  readonly schedule: { readonly time: string; readonly date: string };
}

interface Item {
  readonly item: unknown;
  readonly index: number;
}

/** Evaluates the expressions of a run; each stage is added as it ends. */
export class PipelineScope {
  private readonly facts: RunFacts;
  private params: Readonly<Record<string, unknown>> = {};
  private readonly stages: Record<string, unknown> = {};

  constructor(facts: RunFacts) {
    this.facts = facts;
  }

  /** A copy, to try decisions on. */
  draft(): PipelineScope {
    const draft = new PipelineScope(this.facts);
    draft.params = this.params;
    Object.assign(draft.stages, this.stages);
    return draft;
  }

  setParameters({ parameters = {} }: SparkPipelineSpec, values: Readonly<Record<string, unknown>>): void {
    this.params = typed(values, (name) => parameters[name]?.type);
  }

  addStage(
    stage: PipelineStage,
    {
      state,
      message = '',
      outputs = {},
    }: { state: string; message?: string; outputs?: Readonly<Record<string, unknown>> },
  ): void {
    const type = (name: string): ValueType | undefined => {
      const declared = stage.pipeline === undefined ? stage.outputs?.[name] : stage.pipeline.outputs?.[name]?.type;
      return declared === 'int' && stage.forEach !== undefined ? 'list<int>' : declared;
    };
    this.stages[stage.name] = { state, message, outputs: typed(outputs, type) };
  }

  /** @throws ExpressionError */
  evaluator(item?: Item): (expression: string) => unknown {
    const scope = {
      ...this.facts,
      params: this.params,
      stages: this.stages,
      ...(item === undefined ? {} : { item: asItem(item.item), index: BigInt(item.index) }),
    };
    return (expression) => evaluate(expression, scope);
  }

  /** @throws ExpressionError */
  isTrue(when: string): boolean {
    return this.evaluator()(onlyExpression(when) ?? when) === true;
  }
}

function typed(
  values: Readonly<Record<string, unknown>>,
  typeOf: (name: string) => ValueType | undefined,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, toExpressionValue(value, typeOf(name))]),
  );
}

/** Whole numbers of a list or a range are integers in expressions too. */
function asItem(item: unknown): unknown {
  return Number.isSafeInteger(item) ? toExpressionValue(item, 'int') : item;
}
