// Locals are not zeroed before their first use: the compiler sees to it that they are assigned, and what is allocated on the stack is
// written before it is read. Structs of some KiB that are copied through a local would be written twice otherwise.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
