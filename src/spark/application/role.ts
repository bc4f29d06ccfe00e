import type { SparkApplication } from '../../manifest/spark-application.ts';

/** The two kinds of pods of an application. */
export type Role = 'driver' | 'executor';

export type ApplicationSpec = SparkApplication['spec'];
/** The fields that both roles have. */
export type RoleSpec = ApplicationSpec['driver'] | ApplicationSpec['executor'];
