using System.Buffers.Binary;
using TypedShm.Ends;
using TypedShm.Rings;
using TypedShm.Transport;
using TypedShm.Waiting;

namespace TypedShm.Channels;

/// <summary>
/// One connection of a client: its lane of requests, the server's lane of responses, and which calls are open. Used under the lock of
/// <see cref="PendingCalls{TRequest, TResponse}"/>.
/// </summary>
/// <remarks>
/// The number of a call is its place in a table of <c>capacity</c> open calls, in the low bits, and the count of all calls, above. A
/// response is for the call that has exactly its number; whatever else comes is ignored. The count begins at a random number: no two
/// clients share the number of a call, so a response that were to stray into another client's lane would be for none of its calls.
/// </remarks>
internal sealed unsafe class OpenCalls<TRequest, TResponse>
    where TRequest : unmanaged, ISharedLayout<TRequest>
    where TResponse : unmanaged, ISharedLayout<TResponse>
{
    private const int None = -1;

    private readonly LaneWriter<TRequest> _requests;
    private readonly LaneReader<TResponse> _responses;
    private readonly OpenCall[] _open;
    private readonly int _indexBits;
    private ulong _count = RandomCount();
    private int _free;
    private int _unanswered;

    public OpenCalls(Session<CallMemory<TRequest, TResponse>> session)
    {
        Link = session.Link;
        Shape = session.Memory.Shape;
        _requests = new LaneWriter<TRequest>(session.Memory.Requests, Publisher.To(Link));
        _requests.Connect(Link);

        // The server never waits for room: a slot that is given back is no news, and wakes nobody.
        _responses = new LaneReader<TResponse>(session.Memory.Responses!, Link, 0, new Publisher());
        _open = new OpenCall[Shape.Shape.Capacity];
        _indexBits = int.Log2(_open.Length);
        for (int i = 0; i < _open.Length; i++)
            _open[i].NextFree = i + 1 < _open.Length ? i + 1 : None;
    }

    public Link Link { get; }

    public CallShape Shape { get; }

    /// <summary>How many calls can be open.</summary>
    public int Capacity => _open.Length;

    public LaneWriter<TRequest> Requests => _requests;

    public LaneReader<TResponse> Responses => _responses;

    /// <summary>
    /// What the server did that the protocol does not allow. The connection is to be ended; by the time that it is, its lane of requests
    /// knows a fault of its own.
    /// </summary>
    public ProtocolException? Fault
    {
        get => field ?? _requests.Fault;
        private set;
    }

    /// <summary>Responses that were for no open call.</summary>
    public long Ignored { get; private set; }

    /// <summary>
    /// Whether another call may be begun. As long as the slot of its response is in use, a call counts as open, even if its place in the
    /// table is free, so that the server always has room for the responses that it owes. (A hostile one may have given more than it
    /// owes.)
    /// </summary>
    public bool HasRoom => Fault is null && _free != None && (long)(_requests.Written - _responses.ReleasedCount) < _open.Length;

    /// <summary>Whether a request can carry such a payload.</summary>
    public bool HasRoomFor(CallPayloads? payloads) =>
        payloads is not { Request: var payload } || payload.Length <= _requests.PayloadCapacity;

    /// <summary>Sends a request, if there is room.</summary>
    public bool TrySend(PendingCall<TRequest, TResponse> call, in TRequest request)
    {
        if (!TryClaim(call))
            return false;
        _requests.ClaimedValue(call.Position) = request;
        int length = 0;
        if (call.Payloads is { Request: { IsEmpty: false } payload })
        {
            length = payload.Length;
            payload.Span.CopyTo(_requests.ClaimedPayload(call.Position));
        }

        Commit(call, length);
        return true;
    }

    /// <summary>Takes the slot for a request, if there is room.</summary>
    public bool TryClaim(PendingCall<TRequest, TResponse> call)
    {
        if (!HasRoom)
            return false;
        try
        {
            if (_requests.TryBegin(1))
            {
                call.Position = _requests.ClaimNumber;
                call.Connection = this;
                return true;
            }

            // How far a server that has just gone had come is not known any more: its going says what there is to say.
            if (!Link.HasEnded)
                Fault = new ProtocolException(
                    $"{Link.Identity} has answered calls whose requests it has not given back. It was disconnected.");
        }
        catch (ProtocolException fault)
        {
            Fault = fault;
        }

        return false;
    }

    /// <summary>Sends the request that was filled in.</summary>
    public void Commit(PendingCall<TRequest, TResponse> call, int payloadLength)
    {
        int index = _free;
        ref OpenCall open = ref _open[index];
        _free = open.NextFree;
        open.Number = call.Number = (++_count << _indexBits) | (uint)index;
        open.Call = call;
        _requests.CommitCall(call.Number, CallOutcome.Answered, payloadLength);
    }

    /// <summary>Nobody waits for the call any more. It stays open until its response comes.</summary>
    public void Abandon(PendingCall<TRequest, TResponse> call) => Place(call.Number).Call = null;

    /// <summary>Takes the next response.</summary>
    /// <param name="call">The call that it is for, which has it now; null if nobody waits for it.</param>
    /// <returns>False if there is none.</returns>
    public bool TryReceive(out PendingCall<TRequest, TResponse>? call)
    {
        call = null;
        if (Fault is not null || !_responses.HasMessage)
            return false;
        ulong position = _responses.Next;
        ulong number = _responses.Slots.CallOf(position);
        ref OpenCall open = ref Place(number);
        if (number == 0 || open.Number != number)
        {
            Ignored++;
            _responses.Advance(1);
            return true;
        }

        try
        {
            if (open.Call is null || !Read(open.Call, position))
                _responses.Advance(1);
        }
        catch (ProtocolException fault)
        {
            Fault = fault;
            return false;
        }

        call = open.Call;
        open = new OpenCall { NextFree = _free };
        _free = IndexOf(number);
        return true;
    }

    /// <summary>Takes a call that nothing will answer any more.</summary>
    /// <remarks>To be asked until there is none: goes over the table once, however many there are.</remarks>
    public PendingCall<TRequest, TResponse>? TakeUnanswered()
    {
        for (; _unanswered < _open.Length; _unanswered++)
        {
            ref OpenCall open = ref _open[_unanswered];
            if (open.Call is { } call)
            {
                open.Call = null;
                return call;
            }
        }

        _unanswered = 0;
        return null;
    }

    // The numbers have 64 bits, of which the index takes at most 16: there are 2^47 calls left, however it falls.
    private static ulong RandomCount()
    {
        // From the kernel, as random as what .NET's cryptography gives, without OpenSSL. The last 8 bytes are random but for the first 2
        // bits.
        Span<byte> bytes = stackalloc byte[16];
        Guid.NewGuid().TryWriteBytes(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) & (ulong.MaxValue >> 17);
    }

    /// <returns>Whether the slot is kept.</returns>
    private bool Read(PendingCall<TRequest, TResponse> call, ulong position)
    {
        if (_responses.Slots.OutcomeOf(position) != CallOutcome.Answered)
        {
            ReadError(call, position);
            return false;
        }

        if (!call.IsInPlace)
        {
            call.Response = _responses.Slots.ValueOf(position);
            if (call.Payloads is not null)
                ReadPayload(call, position, call.Payloads.Value.Response.Span);
            return false;
        }

        call.PayloadLength = _responses.PayloadLength(position);
        call.Position = _responses.Hold();
        return true;
    }

    private void ReadError(PendingCall<TRequest, TResponse> call, ulong position)
    {
        ReadOnlySpan<byte> text = _responses.PayloadOf(position);
        if (text.Length > Shape.ErrorCapacity)
            throw new ProtocolException($"{Link.Identity} says that a handler's exception has {text.Length} bytes, but at most "
                + $"{Shape.ErrorCapacity} were agreed on. It was disconnected.");
        call.Error = RemoteCallException.Read(text);
    }

    private void ReadPayload(PendingCall<TRequest, TResponse> call, ulong position, Span<byte> room)
    {
        ReadOnlySpan<byte> payload = _responses.PayloadOf(position);
        call.PayloadLength = payload.Length;
        if (payload.Length <= room.Length)
            payload.CopyTo(room);
        else
            call.Error = Payload.AnswerTooLong(payload.Length, room.Length, Shape.Shape.PayloadCapacity);
    }

    private ref OpenCall Place(ulong number) => ref _open[IndexOf(number)];

    private int IndexOf(ulong number) => (int)(number & (ulong)(_open.Length - 1));

    /// <summary>A place in the table.</summary>
    private struct OpenCall
    {
        /// <summary>The number of the call; 0 if the place is free.</summary>
        public ulong Number;

        /// <summary>Null if nobody waits for the call any more.</summary>
        public PendingCall<TRequest, TResponse>? Call;

        public int NextFree;
    }
}
