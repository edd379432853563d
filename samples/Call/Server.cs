using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using TypedShm;

namespace Types;

/// <summary>Owns the index, and answers what others ask of it.</summary>
internal sealed class Server : IDisposable
{
    private readonly TypeIndex _index;
    private readonly SharedCallServer<Question, Found> _lookUps;
    private readonly SharedCallServer<Question, Matches> _searches;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, long> _answered = [];
    private readonly ConcurrentBag<int> _dead = [];
    private readonly Task _serving;
    private int _searching;
    private int _stopped;

    /// <param name="index">What is asked about.</param>
    /// <param name="name">Look-ups have this name, searches have ".search" behind it.</param>
    public Server(TypeIndex index, string name)
    {
        _index = index;

        // Two channels, since they are served in two ways. A look-up takes less time than handing it to another thread would: these are
        // carried out one after the other, in place. A search may take long: these are carried out by the thread pool, any number at
        // once.
        _lookUps = SharedCall.Create<Question, Found>(name, new() { PayloadCapacity = index.LongestList });
        _searches = SharedCall.Create<Question, Matches>($"{name}.search");
        _lookUps.PeerLeft += (_, left) =>
        {
            if (!left.WasClosed)
                _dead.Add(left.Peer.Identity.ProcessId);
        };
        _serving = Task.WhenAll(
            Task.Factory.StartNew(() => _lookUps.Serve(LookUp, _stop.Token), TaskCreationOptions.LongRunning),
            _searches.ServeAsync((call, cancelled) => Search(call.Request, cancelled), _stop.Token));
    }

    /// <summary>How many look-ups were answered.</summary>
    public long Answered => _answered.Values.Sum();

    /// <summary>How many searches are being carried out.</summary>
    public int Searching => Volatile.Read(ref _searching);

    /// <summary>How many searches were not carried to their end, since nobody waited for it any more.</summary>
    public int Stopped => Volatile.Read(ref _stopped);

    /// <summary>How many look-ups of one client were answered.</summary>
    public long AnsweredTo(int process) => _answered.GetValueOrDefault(process);

    /// <summary>Whether it was noticed that a client is dead.</summary>
    public bool KnowsDead(int process) => _dead.Contains(process);

    /// <summary>Ends when serving does, which is when it fails.</summary>
    public void Wait() => _serving.GetAwaiter().GetResult();

    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            Wait();
        }
        catch (OperationCanceledException)
        {
            // As asked for.
        }

        _lookUps.Dispose();
        _searches.Dispose();
        _stop.Dispose();
    }

    // Request and response are where they are: in memory that the client has written, and in memory that it reads.
    private void LookUp(IncomingCall<Question, Found> call)
    {
        _answered.AddOrUpdate(call.Peer.Identity.ProcessId, 1, (_, count) => count + 1);
        if (_index.Find(call.RequestView.Text.ToString()) is not { } type)
            return;
        call.ResponseView.Assembly.Set(type.Assembly);
        call.ResponseView.Methods = type.Methods;
        type.List.CopyTo(call.ResponsePayload);
        call.ResponseLength = type.List.Length;
    }

    // Copies, on a thread of the pool. The token says when the client has stopped waiting, or is dead.
    private ValueTask<Matches> Search(Question question, CancellationToken cancelled)
    {
        Interlocked.Increment(ref _searching);
        try
        {
            // What is no pattern throws, and it is the client that gets to see that.
            Regex pattern = new(question.Text.ToString(), RegexOptions.None, matchTimeout: TimeSpan.FromMilliseconds(10));
            Matches matches = default;
            foreach (string name in _index.Names)
            {
                cancelled.ThrowIfCancellationRequested();
                if (IsMatch(pattern, name))
                    matches.Count++;
            }

            return ValueTask.FromResult(matches);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _stopped);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _searching);
        }
    }

    private static bool IsMatch(Regex pattern, string name)
    {
        try
        {
            return pattern.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            // There are patterns that take for ever to find out that they do not match.
            return false;
        }
    }
}
