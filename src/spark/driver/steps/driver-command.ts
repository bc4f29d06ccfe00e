import { addEnv, addProperties, addToContainer, type FeatureStep } from '../driver-spec.ts';
import { NO_RESOURCE } from '../../submission.ts';
import { CONF_MOUNT_PATH } from './conf-map.ts';
import { refuseInvalid } from '../../submission-refused.ts';

/** The arguments that make the image's entry point run the application. */
export const driverCommandStep: FeatureStep = {
  className: 'DriverCommandFeatureStep',
  apply(driver, { conf, language, submission }) {
    const mainClass = {
      java: submission.mainClass,
      python: 'org.apache.spark.deploy.PythonRunner',
      r: 'org.apache.spark.deploy.RRunner',
    }[language];
    if (mainClass === undefined) {
      refuseInvalid('mainClass', 'a Java or Scala application needs it', 'Name the class whose main method is to run.');
    }
    const withArgs = addToContainer(driver, {
      args: [
        ...(driver.container.args ?? []),
        'driver',
        ...(submission.proxyUser === undefined ? [] : ['--proxy-user', submission.proxyUser]),
        '--properties-file',
        `${CONF_MOUNT_PATH}/spark.properties`,
        '--class',
        mainClass,
        submission.mainApplicationFile ?? NO_RESOURCE,
        ...submission.arguments,
      ],
    });
    const python = conf['spark.pyspark.python'];
    const driverPython = conf['spark.pyspark.driver.python'] ?? python;
    const env = [
      { name: 'PYSPARK_PYTHON', value: python },
      { name: 'PYSPARK_DRIVER_PYTHON', value: driverPython },
    ].flatMap(({ name, value }) => (language === 'python' && value !== undefined ? [{ name, value }] : []));
    return addProperties(addEnv(withArgs, ...env), { 'spark.kubernetes.resource.type': language });
  },
};
