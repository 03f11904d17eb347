import type { Input } from '@pulumi/pulumi';
import { asString } from '../bridge/outputs';
import { known } from '../cloud';
import type { SharedStorage } from '../contracts';
import { type AzureFilesProps, azureFiles } from '../kubernetes/storage/azure-files';

/** What a topology's model store takes of a storage account, whether its name is known or only a placeholder. */
export function fileShareStorage(args: {
  readonly name: string;
  readonly accountName: Input<string>;
  readonly resourceGroupName: Input<string>;
  readonly sku: AzureFilesProps['sku'];
  readonly gibibytes: number | undefined;
}): SharedStorage {
  return azureFiles({
    className: `${args.name}-azure-files`,
    storageAccount: known(args.accountName) ?? asString(args.accountName),
    resourceGroup: known(args.resourceGroupName) ?? asString(args.resourceGroupName),
    sku: args.sku,
    gibibytes: args.gibibytes,
  });
}
