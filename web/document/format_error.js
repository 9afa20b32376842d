// The document cannot be read; the message says where and why.

export class WorkflowFormatError extends Error {}
