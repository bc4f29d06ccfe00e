import type { SparkApplication } from '../../manifest/spark-application.ts';

/** The two kinds of pods of an application. */
export type Role = 'driver' | 'executor';

export type ApplicationSpec = SparkApplication['spec'];
/** The fields that both roles have. */
export type RoleSpec = ApplicationSpec['driver'] | ApplicationSpec['executor'];

/** The container of a role's pod template that runs Spark. */
export const templateContainerName = (spec: ApplicationSpec, role: Role): string =>
  spec.sparkConf?.[`spark.kubernetes.${role}.podTemplateContainerName`] ?? `spark-kubernetes-${role}`;
