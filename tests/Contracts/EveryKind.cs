using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts;

public sealed class StructLifetime : LifetimeContract<StructChannel>;

public sealed class StructHandshake : HandshakeContract<StructChannel>;

public sealed class StructEvents : EventContract<StructChannel>;

public sealed class StructReader : ReaderContract<StructChannel>;

public sealed class StructWriter : WriterContract<StructChannel>;

public sealed class StateLifetime : LifetimeContract<StateChannel>;

public sealed class StateHandshake : HandshakeContract<StateChannel>;

public sealed class StateEvents : EventContract<StateChannel>;

public sealed class StateReader : ReaderContract<StateChannel>;

public sealed class StateWriter : WriterContract<StateChannel>;

public sealed class TableLifetime : LifetimeContract<TableChannel>;

public sealed class TableHandshake : HandshakeContract<TableChannel>;

public sealed class TableEvents : EventContract<TableChannel>;

public sealed class TableReader : ReaderContract<TableChannel>;

public sealed class TableWriter : WriterContract<TableChannel>;

public sealed class ReaderQueueLifetime : LifetimeContract<ReaderQueueChannel>;

public sealed class ReaderQueueHandshake : HandshakeContract<ReaderQueueChannel>;

public sealed class ReaderQueueEvents : EventContract<ReaderQueueChannel>;

public sealed class ReaderQueueReader : ReaderContract<ReaderQueueChannel>;

public sealed class ReaderQueueWriter : WriterContract<ReaderQueueChannel>;

public sealed class WriterQueueLifetime : LifetimeContract<WriterQueueChannel>;

public sealed class WriterQueueHandshake : HandshakeContract<WriterQueueChannel>;

public sealed class WriterQueueEvents : EventContract<WriterQueueChannel>;

public sealed class WriterQueueReader : ReaderContract<WriterQueueChannel>;

public sealed class WriterQueueWriter : WriterContract<WriterQueueChannel>;

public sealed class LossyBroadcastLifetime : LifetimeContract<LossyBroadcastChannel>;

public sealed class LossyBroadcastHandshake : HandshakeContract<LossyBroadcastChannel>;

public sealed class LossyBroadcastEvents : EventContract<LossyBroadcastChannel>;

public sealed class LossyBroadcastReader : ReaderContract<LossyBroadcastChannel>;

public sealed class LossyBroadcastWriter : WriterContract<LossyBroadcastChannel>;

public sealed class LosslessBroadcastLifetime : LifetimeContract<LosslessBroadcastChannel>;

public sealed class LosslessBroadcastHandshake : HandshakeContract<LosslessBroadcastChannel>;

public sealed class LosslessBroadcastEvents : EventContract<LosslessBroadcastChannel>;

public sealed class LosslessBroadcastReader : ReaderContract<LosslessBroadcastChannel>;

public sealed class LosslessBroadcastWriter : WriterContract<LosslessBroadcastChannel>;

public sealed class CallLifetime : LifetimeContract<CallChannel>;

public sealed class CallHandshake : HandshakeContract<CallChannel>;

public sealed class CallEvents : EventContract<CallChannel>;

public sealed class CallReader : ReaderContract<CallChannel>;

public sealed class CallWriter : WriterContract<CallChannel>;
