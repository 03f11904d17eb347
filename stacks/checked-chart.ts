import { ApiObject, Chart } from 'cdk8s';
import { type CheckResult, checkManifests } from '../constructs/checks';

/**
 * A chart that is checked whenever it is synthesized: `app.synth()` fails on findings of severity error, exactly as
 * `polypod check` would on the file. Put any cdk8s constructs into it.
 */
export class CheckedChart extends Chart {
  constructor(...args: ConstructorParameters<typeof Chart>) {
    super(...args);
    this.node.addValidation({
      validate: () =>
        this.check()
          .findings.filter(({ severity }) => severity === 'error')
          .map(({ rule, object, path, message, fix }) => {
            return `${rule}: ${object.kind}/${object.name} ${path}: ${message} ${fix}`;
          }),
    });
  }

  /** What the rules say of the chart's objects as they are now. */
  check(): CheckResult {
    const objects = this.node.findAll().filter((construct) => ApiObject.isApiObject(construct));
    return checkManifests(
      objects.map((object) => object.toJson()),
      { namespace: this.namespace },
    );
  }
}
