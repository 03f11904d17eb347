import { ApiObject, Chart } from 'cdk8s';
import { type CheckResult, checkManifests, type JsonObject } from '../constructs/checks';

/**
 * A chart that is checked whenever it is synthesized: `app.synth()` fails on findings of severity error, exactly as
 * `polypod check` would on the file. Put any cdk8s constructs into it.
 */
export class CheckedChart extends Chart {
  #findingsAreReported = false;

  constructor(...args: ConstructorParameters<typeof Chart>) {
    super(...args);
    this.node.addValidation({ validate: () => (this.#findingsAreReported ? [] : this.#errors()) });
  }

  /** What the rules say of the chart's objects as they are now. */
  check(): CheckResult {
    const objects = this.node.findAll().filter((construct) => ApiObject.isApiObject(construct));
    return this.#check(objects.map((object) => object.toJson()));
  }

  /**
   * `toJson()` and `check()` at the price of one: errors are among the findings, instead of being thrown. (constructs
   * before 10.4 refuse methods of the name `synthesize`.)
   */
  toCheckedJson(): { readonly manifests: readonly JsonObject[]; readonly check: CheckResult } {
    this.#findingsAreReported = true;
    try {
      const manifests = this.toJson();
      return { manifests, check: this.#check(manifests) };
    } finally {
      this.#findingsAreReported = false;
    }
  }

  #check(manifests: readonly JsonObject[]): CheckResult {
    return checkManifests(manifests, { namespace: this.namespace });
  }

  #errors(): string[] {
    return this.check()
      .findings.filter(({ severity }) => severity === 'error')
      .map(({ rule, object, path, message, fix }) => {
        return `${rule}: ${object.kind}/${object.name} ${path}: ${message} ${fix}`;
      });
  }
}
