import { addEnv, addVolumes, type DriverSpec, type FeatureStep } from '../driver-spec.ts';
import type { SparkConf } from '../../spark-conf.ts';
import { refuseInvalid, refuseLocalFile } from '../../submission-refused.ts';

const TOKEN_MOUNT_PATH = '/mnt/secrets/hadoop-credentials';

/** Kerberos by an existing ConfigMap (krb5.conf) and an existing Secret (delegation tokens). */
export const kerberosConfStep: FeatureStep = {
  className: 'KerberosConfDriverFeatureStep',
  keys: ['spark.kubernetes.kerberos.', 'spark.kerberos.'],
  apply(driver, { conf }) {
    return mountTokens(mountKrb5(driver, conf), conf);
  },
};

function mountKrb5(driver: DriverSpec, conf: SparkConf): DriverSpec {
  const path = conf['spark.kubernetes.kerberos.krb5.path'];
  if (path !== undefined) {
    refuseLocalFile(
      'spark.kubernetes.kerberos.krb5.path',
      `"${path}" is read on the submitting machine`,
      'Put krb5.conf in a ConfigMap and name it in spark.kubernetes.kerberos.krb5.configMapName',
    );
  }
  const name = conf['spark.kubernetes.kerberos.krb5.configMapName'];
  if (name === undefined) return driver;
  return addVolumes(driver, [
    {
      volume: { name: 'krb5-file', configMap: { name } },
      mount: { name: 'krb5-file', mountPath: '/etc/krb5.conf', subPath: 'krb5.conf' },
    },
  ]);
}

function mountTokens(driver: DriverSpec, conf: SparkConf): DriverSpec {
  const { 'spark.kerberos.keytab': keytab, 'spark.kerberos.principal': principal } = conf;
  requireBoth('spark.kerberos.keytab', keytab, 'spark.kerberos.principal', principal);
  if (keytab !== undefined && !keytab.startsWith('local:')) {
    refuseLocalFile(
      'spark.kerberos.keytab',
      `"${keytab}" is read on the submitting machine`,
      'Mount a secret with the keytab and name it as local:///path',
    );
  }
  const secretKey = 'spark.kubernetes.kerberos.tokenSecret.name';
  const itemKey = 'spark.kubernetes.kerberos.tokenSecret.itemKey';
  const { [secretKey]: secretName, [itemKey]: item } = conf;
  requireBoth(secretKey, secretName, itemKey, item);
  if (secretName === undefined) return driver;
  const mounted = addVolumes(driver, [
    {
      volume: { name: 'hadoop-secret', secret: { secretName } },
      mount: { name: 'hadoop-secret', mountPath: TOKEN_MOUNT_PATH },
    },
  ]);
  return addEnv(mounted, { name: 'HADOOP_TOKEN_FILE_LOCATION', value: `${TOKEN_MOUNT_PATH}/${item!}` });
}

function requireBoth(firstKey: string, first: string | undefined, secondKey: string, second: string | undefined): void {
  if ((first === undefined) === (second === undefined)) return;
  const [given, missing] = first === undefined ? [secondKey, firstKey] : [firstKey, secondKey];
  refuseInvalid(missing, `it is missing, but ${given} is given`, 'Give both or neither.', given);
}
