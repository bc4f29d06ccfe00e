import type { SparkApplication } from '../manifest/spark-application.ts';
import { applicationConf } from '../spark/application/application-conf.ts';
import type { Role } from '../spark/application/role.ts';
import { valueAt } from '../validation/problems.ts';

const ROLES: readonly Role[] = ['driver', 'executor'];

const TEMPLATE = ['driver', 'template', 'spec'];

/** Variables of a container, by whichever key they are set. */
const VARIABLE =
  /^spark\.(?:(executorEnv|kubernetes\.executor\.secretKeyRef)|kubernetes\.driverEnv|kubernetes\.driver\.secretKeyRef)\.(.+)$/;

const OVERHEAD_FACTOR = 'spark.kubernetes.memoryOverheadFactor';
/** Its successors in Spark, which win over it. */
const ROLE_OVERHEAD_FACTOR = /^spark\.(?:driver|executor)\.memoryOverheadFactor$/;

/** What an application has itself, however it is written: as a field, as Spark configuration, or in a pod template. */
export class OwnValues {
  private readonly application: SparkApplication;
  private readonly conf: Readonly<Record<string, string>>;

  constructor(application: SparkApplication) {
    this.application = application;
    this.conf = applicationConf(application);
  }

  /** @param path in a manifest, of what defaults can set */
  has(path: readonly string[]): boolean {
    const { spec } = this.application;
    if (valueAt(this.application, path) !== undefined) return true;
    const [, field, key] = path;
    if (field === 'image') return ROLES.every((role) => spec[role].image !== undefined);
    if (field === 'driver' && key === 'serviceAccount') {
      return ['serviceAccountName', 'serviceAccount'].some((name) => Boolean(valueAt(spec, [...TEMPLATE, name])));
    }
    return field === 'sparkConf' && this.hasConf(key!);
  }

  /** Where a default for a label goes: to the application, or to that one of its pods which lacks it. */
  placesOfLabel(key: string): readonly (readonly string[])[] {
    const { metadata, spec } = this.application;
    if (Object.hasOwn(metadata.labels, key)) return [];
    const lacking = ROLES.filter(
      (role) =>
        !Object.hasOwn(this.conf, `spark.kubernetes.${role}.label.${key}`) &&
        valueAt(spec[role], ['template', 'metadata', 'labels', key]) === undefined,
    );
    if (lacking.length === ROLES.length) return [['metadata', 'labels', key]];
    return lacking.map((role) => ['spec', role, 'labels', key]);
  }

  private hasConf(key: string): boolean {
    if (Object.hasOwn(this.conf, key)) return true;
    if (ROLE_OVERHEAD_FACTOR.test(key)) return Object.hasOwn(this.conf, OVERHEAD_FACTOR);
    const { dynamicAllocation } = this.application.spec;
    // One that is not enabled is off.
    if (key.startsWith('spark.dynamicAllocation.') && dynamicAllocation !== undefined) {
      return dynamicAllocation.enabled !== true;
    }
    const variable = VARIABLE.exec(key);
    return variable !== null && this.hasVariable(variable[1] === undefined ? 'driver' : 'executor', variable[2]!);
  }

  private hasVariable(role: Role, name: string): boolean {
    const prefix = role === 'driver' ? 'spark.kubernetes.driverEnv' : 'spark.executorEnv';
    const keys = [`${prefix}.${name}`, `spark.kubernetes.${role}.secretKeyRef.${name}`];
    const { env = [] } = this.application.spec[role];
    return env.some((each) => each.name === name) || keys.some((key) => Object.hasOwn(this.conf, key));
  }
}
