using System.Runtime.CompilerServices;
using TypedShm.Ends;
using TypedShm.Interop;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>
/// A client, as the server sees it: the lane of its requests, the lane of the responses, and which of its calls are being carried out.
/// Requests are taken by one thread at a time; all else is for any thread.
/// </summary>
/// <remarks>
/// <para>
/// The server never waits for a client. There is room for a response whenever the client keeps the protocol: of <c>capacity</c> calls it
/// has at most open, this one has not been answered, and it counts one as open until it has given the slot of its response back, which
/// the server sees before it sees the next request. A client without room is cut off.
/// </para>
/// <para>
/// A handler may outlive its client. Both lanes stay for as long as anybody is at work in them: whoever touches them enters first
/// (<see cref="TryEnter"/>), and the last to exit, once the client has left, gives them back. What such a handler answers stands in a
/// lane that nobody reads.
/// </para>
/// </remarks>
internal sealed unsafe class ClientConnection<TRequest, TResponse> : LaneReader<TRequest>
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private readonly WaitSource _source;
    private readonly CallShape _shape;
    private readonly ulong _mask;
    private readonly LaneWriter<TResponse> _responses;
    private readonly Lock _gate = new();
    private RunningCall<TRequest, TResponse>?[]? _running;
    private ulong[]? _cancelled;
    private UseCount _uses;

    /// <param name="requests">The client's lane.</param>
    /// <param name="responses">This end's lane.</param>
    /// <param name="link">The connection.</param>
    /// <param name="shape">What both lanes look like.</param>
    /// <param name="source">What the server's waits are woken by.</param>
    public ClientConnection(Lane requests, Lane responses, Link link, CallShape shape, WaitSource source)
        : base(requests, link, 0, new Publisher())
    {
        // Neither side of a call waits for room: a slot that is given back is no news, and its publisher wakes nobody.
        _source = source;
        _shape = shape;
        _mask = requests.Capacity - 1;
        _responses = new LaneWriter<TResponse>(responses, Publisher.To(link));
        _responses.Connect(link);
    }

    public LaneWriter<TResponse> Responses => _responses;

    public int PayloadCapacity => _shape.Shape.PayloadCapacity;

    /// <summary>
    /// Whether the client was cut off because it broke the protocol, in either lane: that of the responses ends the link itself.
    /// </summary>
    public bool HasFault()
    {
        if (Fault is null && _responses.Fault is { } fault)
            CutOff(fault.Message);
        return Fault is not null;
    }

    /// <summary>Begins to work in the lanes.</summary>
    /// <returns>False if the client has left: they are not to be touched.</returns>
    public bool TryEnter() => _uses.TryEnter();

    /// <summary>Is done in the lanes.</summary>
    public void Exit()
    {
        if (_uses.Exit())
            DisposeLanes();
    }

    /// <summary>Whether the client has given a call up, or is gone.</summary>
    public bool IsCancelled(ulong call) =>
        Link.HasEnded || (Volatile.Read(ref _cancelled) is { } cancelled && Volatile.Read(ref cancelled[call & _mask]) == call);

    /// <summary>The client has given a call up, which may be still in its lane, or running, or answered.</summary>
    public void Cancel(ulong call)
    {
        CancellationTokenSource? stop = null;
        lock (_gate)
        {
            if (_cancelled is null)
                Volatile.Write(ref _cancelled, new ulong[_mask + 1]);

            // The lock's, not this store's, is the order that matters: Begin looks here after the call is in the table.
            Volatile.Write(ref _cancelled[call & _mask], call);
            if (_running?[call & _mask] is { } running && running.Number == call)
                stop = running.Stop();
        }

        // Not under the lock, and not on the thread that receives the client's messages: it runs what the handler has registered.
        _ = stop?.CancelAsync();
    }

    /// <summary>
    /// The client is gone: its handlers are told, and what they answer goes nowhere. The control words are still there. The lanes are
    /// given back now, or by the last who is at work in them.
    /// </summary>
    public void Leave(Exception reason)
    {
        List<CancellationTokenSource> stops = [];
        lock (_gate)
        {
            _responses.Close(reason);
            foreach (RunningCall<TRequest, TResponse>? running in _running ?? [])
            {
                if (running is not null)
                    stops.Add(running.Stop());
            }
        }

        _responses.Disconnect();
        if (_uses.Close())
            DisposeLanes();
        foreach (CancellationTokenSource stop in stops)
            _ = stop.CancelAsync();
    }

    /// <summary>
    /// Lets a handler work on the next call in place, and answers it. Between <see cref="TryEnter"/> and <see cref="Exit"/>.
    /// </summary>
    public void Serve(CallHandler<TRequest, TResponse> handler)
    {
        ulong position = Next;
        ulong call = Slots.CallOf(position);
        if (!TryPayloadLength(position, out int length) || !IsNumber(call))
            return;
        if (Link.HasEnded || !TryBeginResponse())
        {
            Advance(1);
            return;
        }

        CallOutcome outcome = CallOutcome.Failed;
        int responseLength = 0;
        ref TResponse response = ref _responses.ClaimedValue(_responses.ClaimNumber);

        // What an earlier response left there is not this one's.
        response = default;
        CrashPoint.Reach(CrashStep.CallTaken);
        if (!IsCancelled(call))
        {
            try
            {
                handler(new IncomingCall<TRequest, TResponse>(this, position, call, length, ref responseLength));
                outcome = CallOutcome.Answered;
            }
            catch (Exception error)
            {
                response = default;
                responseLength = WriteError(error);
            }
        }

        // Before the answer: a client that has it may send its next request, and finds room.
        CrashPoint.Reach(CrashStep.CallHandled);
        Advance(1);
        CrashPoint.Reach(CrashStep.CallGivenBack);
        _responses.CommitCall(call, outcome, responseLength);
    }

    /// <summary>Takes the next call, to be carried out on any thread. Between <see cref="TryEnter"/> and <see cref="Exit"/>.</summary>
    /// <returns>False if there is nothing to be done for it.</returns>
    public bool TryTake(RunningCall<TRequest, TResponse> running)
    {
        ulong position = Next;
        ulong call = Slots.CallOf(position);
        if (!TryPayloadLength(position, out int length) || !IsNumber(call))
            return false;
        running.Client = this;
        running.Number = call;
        running.TakePayload(RequestPayload(position, length));
        if (!TryTake(out running.Request))
            return false;
        lock (_gate)
        {
            _running ??= new RunningCall<TRequest, TResponse>?[_mask + 1];
            ref RunningCall<TRequest, TResponse>? place = ref _running[call & _mask];
            if (place is not null)
            {
                CutOff($"{Link.Identity} has begun call {call} while call {place.Number} was open. It may have {_mask + 1} calls open, "
                    + "whose numbers differ in their low bits. It was disconnected.");
                return false;
            }

            if (!IsCancelled(call) && !_responses.IsClosed)
            {
                place = running;
                return true;
            }

            if (TryBeginResponse())
                _responses.CommitCall(call, CallOutcome.Failed, 0);
            return false;
        }
    }

    /// <summary>Answers a call that was taken.</summary>
    /// <param name="running">The call.</param>
    /// <param name="response">The answer.</param>
    /// <param name="error">What the handler threw instead, or null.</param>
    public void Answer(RunningCall<TRequest, TResponse> running, in TResponse response, Exception? error)
    {
        bool isThere = TryEnter();
        lock (_gate)
        {
            _running![running.Number & _mask] = null;
            if (isThere && TryBeginResponse())
            {
                _responses.ClaimedValue(_responses.ClaimNumber) = response;
                _responses.CommitCall(running.Number, error is null
                    ? CallOutcome.Answered
                    : CallOutcome.Failed, error is null
                    ? WritePayload(running)
                    : WriteError(error));
            }
        }

        if (isThere)
            Exit();

        // Whoever serves drops the lane and hangs up: on this thread it would be done under whatever locks the handler's caller holds.
        if (Fault is not null)
            _source.Interrupt();
    }

    public ReadOnlySpan<byte> RequestPayload(ulong position, int length) => new(Slots.PayloadOf(position), length);

    // The lane has room for the text of an exception too.
    public Span<byte> ResponsePayload() => _responses.ClaimedPayload(_responses.ClaimNumber)[..PayloadCapacity];

    public ref TResponse Response() => ref _responses.ClaimedValue(_responses.ClaimNumber);

    private void DisposeLanes()
    {
        _responses.Lane.Dispose();
        Lane.Dispose();
    }

    private int WritePayload(RunningCall<TRequest, TResponse> running)
    {
        if (running.ResponseLength > 0)
            running.ResponsePayload.Span[..running.ResponseLength].CopyTo(ResponsePayload());
        return running.ResponseLength;
    }

    private int WriteError(Exception error) => _shape.ErrorCapacity == 0
        ? 0
        : RemoteCallException.Write(error, _responses.ClaimedPayload(_responses.ClaimNumber)[.._shape.ErrorCapacity]);

    private bool IsNumber(ulong call) => call != 0 || CutOffWithoutNumber();

    // Apart, see PayloadTooLong.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool CutOffWithoutNumber()
    {
        CutOff($"{Link.Identity} has begun a call with the number 0, which means none. It was disconnected.");
        return false;
    }

    private bool TryBeginResponse()
    {
        try
        {
            if (_responses.TryBegin(1))
                return true;

            // The position of a client that has just left is not known any more.
            if (!Link.HasEnded)
                CutOff($"{Link.Identity} does not read its responses: {_mask + 1} lie there, as many as it may have calls open, and "
                    + "another one is due. It was disconnected.");
        }
        catch (ProtocolException fault)
        {
            CutOff(fault.Message);
        }
        catch (Exception error) when (error is PeerGoneException or ObjectDisposedException)
        {
            // Nobody is left who could be answered.
        }

        return false;
    }

    // Whoever serves finds the fault, drops the lane and hangs up.
    private void CutOff(string why) => Faulted(new ProtocolException(why));
}
